"""RTF files (Rich Text Format 1.9.1): a name, the content, and the plain text by which search finds them."""

FONTS = (
    r"{\fonttbl{\f0\fnil\fcharset0 Calibri;}{\f1\fcharset204{\*\fname Arial;}Arial CYR;}{\f2\fcharset2 Symbol;}"
    r"{\f3\cpg1250 Arial CE;}}"
)
BOX = r"{\shptxt Encadr\'e9\par}"
OLD_BOX = r"{\*\do\dobxpage{\dptxbxtext Ancien\par}\dpx0}"
HIDDEN = r"{\sp{\sn fHidden}{\sv 1}}"
RICH_TEXTS = (
    ("code-page", rb"{\rtf1\ansi\ansicpg1250 \'8akola \'8ekola}", "Škola Žkola"),
    ("unknown-code-page", rb"{\rtf1\ansi\ansicpg99 caf\'e9}", "café"),
    ("mac", rb"{\rtf1\mac caf\'8e}", "café"),
    ("bytes", b"{\\rtf1\\ansi\\ansicpg1252 caf\xe9}", "café"),
    ("utf-8", rb"{\rtf1\ansi\ansicpg65001 caf\'c3\'a9}", "café"),
    ("two-bytes", rb"{\rtf1\ansi\ansicpg932 \'93\'fa\'96\'7b}", "日本"),
    (
        "unicode",
        r"{\rtf1\uc1 \u201?cole n\'e9e, \uc2\u8217\'92\'92a{\uc0\u233}\u-10179??\u-8704??\u233\par Fin}",
        "École née, ’aé😀é\nFin",
    ),
    ("alternatives", r"{\rtf1{\upr{Ancien}{\*\ud{Nouve\uc0\u226 u}}}}", "Nouveâu"),
    ("fonts", rf"{{\rtf1\deff0{FONTS}\f1\'cc\'e8\'f0 {{\f0\'e9}}{{\f3\'b3}}\plain\'e9{{\f2\'b7}}x}}", "Мир éłé x"),
    (
        "signs",
        r"{\rtf1 Vexin\_Thelle en\-fance\~ici\tab\ldblquote a\rdblquote\emdash\{b\}\\\line c\endash  d}",
        "Vexin-Thelle enfance ici “a”—{b}\\ c– d",
    ),
    (
        "hidden",
        r"{\rtf1 Vu{\v  cach\'e9\par}\v cach\'e9{\v0  aussi}\v0\deleted effac\'e9\plain\mvf parti\mvf0  fin}",
        "Vu aussi fin",
    ),
    (
        "table",
        (
            r"{\rtf1\trowd\cellx100\intbl M\'e9tier\cell Postes\cell\row\trowd\intbl{\itap2 un\nestcell deux\nestcell"
            r"{\*\nesttableprops\trowd\nestrow}{\nonesttables\par}}\cell\row}"
        ),
        "Métier\nPostes\nun\ndeux",
    ),
    (
        "notes",
        (
            r"{\rtf1 La MDPH{\super\chftn}{\footnote\pard\plain{\super\chftn} Maison{\v  cach\'e9}\par} aide"
            r"{\v{\footnote\plain cach\'e9}}.\par Suite{\*\annotation Remarque}\par}"
        ),
        "La MDPH aide.\nMaison\nSuite",
    ),
    (
        "field",
        r"{\rtf1 Voir {\field{\*\fldinst{HYPERLINK x}}{\fldrslt{le guide}}}{\xe{\v index}}{\listtext 1.\tab}.}",
        "Voir le guide.",
    ),
    (
        "box",
        rf"{{\rtf1 Avant {{\shp{{\*\shpinst\shpleft0{BOX}}}{{\shprslt{OLD_BOX}}}}}et apr\'e8s\par Fin}}",
        "Avant et après\nEncadré\nFin",
    ),
    ("hidden-box", rf"{{\rtf1 Vu{{\shp{{\*\shpinst\shpleft0{HIDDEN}{BOX}}}}}}}", "Vu"),
    ("old-box", rf"{{\rtf1 Texte{OLD_BOX}\par}}", "Texte\nAncien"),
    (
        "margins",
        r"{\rtf1{\header Allier\par}{\footerf Mentions\par}{\footer Mentions}Texte\sect{\header Allier\par}Fin}",
        "Allier\nTexte\nFin\nMentions",
    ),
    (
        "binary",
        b"{\\rtf1{\\info{\\author Anne}{\\title T}}{\\*\\generator g;}{\\pict\\bin4 }}{{}{\\pict 00ff}Un\\\nDeux}Trois",
        "Un\nDeux",
    ),
    ("damage", rb"{\rtf1 Texte{\b  gras\'zz\u99999999?\bin", "Texte graszz"),
    ("cut", rb"{\rtf1 Texte{\footnote Note", "Texte\nNote"),
    ("groups", rb"{\rtf1 Texte" + b"{" * 3000 + b"trop", "Texte"),
)
