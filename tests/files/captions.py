"""Captions: the cues that browsers show, or a part of the message that the editor reads."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CaptionCase:
    """A file of captions with what is stored, the same content if None, or a pattern of the message."""

    name: str
    content: bytes
    stored: bytes | None = None
    refusal: str = ""


def vtt(*cues: str) -> bytes:
    return "\n\n".join(("WEBVTT", *cues)).encode() + b"\n"


CUE = "00:01.000 --> 00:03.000"
SRT_CUE = "1\n00:00:01,000 --> 00:00:03,000\nBonjour."
CONVERTED = b"WEBVTT\n\n00:00:01.000 --> 00:00:03.000\nBonjour.\n"
CAPTIONS = (
    CaptionCase("plain.vtt", vtt(f"{CUE}\nBonjour.")),
    CaptionCase("mark-and-windows-lines.vtt", b"\xef\xbb\xbf" + vtt(f"{CUE}\nBonjour.").replace(b"\n", b"\r\n")),
    CaptionCase(
        "youtube-rolling.vtt",
        "WEBVTT\nKind: captions\nLanguage: fr\n\n00:00:01.000 --> 00:00:03.000 align:start position:0%\n \n"
        "Bonjour<00:00:01.500><c> à</c>\n"
        "00:00:03.000 --> 00:00:03.010 align:start position:0%\nBonjour à\n \n".encode(),
    ),
    CaptionCase("align-middle.vtt", vtt(f"{CUE} align:middle\nBonjour.")),
    CaptionCase("unknown-setting.vtt", vtt(f"{CUE} colour:red\nBonjour.")),
    CaptionCase(
        "note-style-region.vtt", vtt("STYLE\n::cue {}", "REGION\nid:a", "NOTE une note\nlongue", f"2\n{CUE}\nB.")
    ),
    CaptionCase("srt.vtt", SRT_CUE.encode(), CONVERTED),
    CaptionCase("full-stops.srt", SRT_CUE.replace(",", ".").encode(), CONVERTED),
    CaptionCase("windows.srt", b"\xef\xbb\xbf" + SRT_CUE.replace("\n", "\r\n").encode(), CONVERTED),
    CaptionCase(
        "unordered-and-tags.srt",
        b"2\n00:00:05,000 --> 00:00:06,5\n<font color='#fff'>A & B</font> <i>x</i> {\\an8}<3\n1\n"
        b"00:00:01,000 --> 00:00:03,000\nBonjour.\n",
        CONVERTED + b"\n00:00:05.000 --> 00:00:06.500\nA &amp; B <i>x</i> &lt;3\n",
    ),
    CaptionCase("srt-without-times.vtt", b"1\n00:00:01,000 -> 00:00:03,000\nBonjour.", refusal="WEBVTT"),
    CaptionCase("wrong-time.vtt", vtt(f"{CUE}\nA", "00:01,000 --> 00:02,000\nB"), refusal=r"2 \(\w+ 6\)"),
    CaptionCase("wrong-time.srt", f"{SRT_CUE}\n\n2\n00:00:99,000 --> 00:02:00,000\nB".encode(), refusal=r"2 \(\w+ 6\)"),
    CaptionCase("digits.vtt", vtt("00:0\u0661.000 --> 00:03.000\nA"), refusal=r"1 \(\w+ 3\)"),
    CaptionCase("digits.srt", SRT_CUE.replace("01,000", "01,\u0660\u0660\u0660").encode(), refusal="WEBVTT|1 \\("),
    CaptionCase("windows-1252.srt", SRT_CUE.replace("Bonjour", "Été").encode("cp1252"), refusal="Windows-1252"),
    CaptionCase("ends-before-start.vtt", vtt("00:02.000 --> 00:01.000\nA"), refusal=r"1 \(\w+ 3\)"),
    CaptionCase("unordered.vtt", vtt("00:05.000 --> 00:06.000\nA", f"{CUE}\nB"), refusal=r"2 \(\w+ 6\)"),
    CaptionCase("no-text.vtt", vtt(f"{CUE}\nA", "00:03.000 --> 00:04.000"), refusal=r"2 \(\w+ 6\)"),
    CaptionCase("text-in-no-cue.vtt", vtt(f"{CUE}\nA", "perdu"), refusal=r"\w+ 6 \(.{1,6}perdu.{1,6}\)"),
    CaptionCase("no-cue.vtt", b"WEBVTT\n", refusal="aucun"),
    CaptionCase("only-tags.vtt", vtt(f"{CUE}\n<b></b>"), refusal="texte"),
    CaptionCase("only-tags.srt", SRT_CUE.replace("Bonjour.", "<font color='red'></font>").encode(), refusal="texte"),
    CaptionCase("ttml.vtt", b'<?xml version="1.0"?><tt/>', refusal="TTML"),
    CaptionCase("substation.srt", b"[Script Info]\nTitle: a", refusal="SubStation Alpha"),
    CaptionCase(
        "windows-1252.vtt", vtt(f"{CUE}\nA", f"{CUE}\nÉté").decode().encode("cp1252"), refusal=r"\w+ 7.*Windows-1252"
    ),
    CaptionCase("utf-16-without-mark.vtt", vtt(f"{CUE}\nA").decode().encode("utf-16-le"), refusal="UTF-16"),
    CaptionCase("utf-16.srt", SRT_CUE.encode("utf-16"), refusal="UTF-16"),
    CaptionCase("control-character.vtt", vtt(f"{CUE}\nl\x92élève"), refusal=r"U\+0092"),
)
