"""Translation of pages and snippets: submission, editor, board, approval, files, memory, glossary, machine drafts."""
