"""Recognize what is no text: files of known kinds by their signature, unknown ones by their control characters."""

from __future__ import annotations

MAX_CONTROL_SHARE = 0.05
"""Share of control bytes from which a head is binary. Random bytes have 0.11; text with a few strays far under 0.01."""

FEW_CONTROLS = 8
"""Control bytes that any head may have, however short: strays in a small text file."""

ZIP = b"PK\x03\x04"
"""What a ZIP archive begins with, and documents that are one."""

PARQUET = b"PAR1"

_UNPACK = "Unpack it first."
_CONVERT = "Convert it to text first, or leave it out."
_KINDS: tuple[tuple[int, bytes, str, str], ...] = (
    (0, ZIP, "a ZIP archive", _UNPACK),
    (0, b"PK\x05\x06", "an empty ZIP archive", "Leave it out, or fetch it again if it should hold text."),
    (0, b"PK\x07\x08", "a part of a ZIP archive in several files", "Join them with zip -s 0 first."),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive", "Unpack it first, as 7z x does, or turn it into tar, as bsdtar does."),
    (0, b"Rar!\x1a\x07", "a RAR archive", "Unpack it first, as unar does, or turn it into tar, as bsdtar does."),
    (0, b"MSCF\0\0\0\0", "a CAB archive", _UNPACK),
    (0, b"!<arch>\n", "an ar archive", _UNPACK),
    (0, b"\x1f\x8b\x08", "a gz stream in a compressed stream", "Decompress it once first."),
    (0, b"BZh91AY&SY", "a bz2 stream in a compressed stream", "Decompress it once first."),
    (0, b"\xfd7zXZ\0", "an xz stream in a compressed stream", "Decompress it once first."),
    (0, b"\x28\xb5\x2f\xfd", "a zst stream in a compressed stream", "Decompress it once first."),
    (0, b"\x04\x22\x4d\x18", "an LZ4 stream", "Decompress it first."),
    (0, b"\x1f\x9d", "a stream of compress (.Z)", "Decompress it first."),
    (0, b"LZIP\x01", "an lzip stream", "Decompress it first."),
    (0, b"\xff\x06\0\0sNaPpY", "a Snappy stream", "Decompress it first."),
    (0, b"%PDF-", "a PDF document", _CONVERT),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document", _CONVERT),
    (0, b"{\\rtf", "an RTF document", _CONVERT),
    (0, b"AT&TFORM", "a DjVu document", _CONVERT),
    (60, b"BOOKMOBI", "a Mobipocket book", _CONVERT),
    (0, b"\x89PNG\r\n\x1a\n", "a PNG image", _CONVERT),
    (0, b"\xff\xd8\xff", "a JPEG image", _CONVERT),
    (0, b"GIF87a", "a GIF image", _CONVERT),
    (0, b"GIF89a", "a GIF image", _CONVERT),
    (0, b"II*\0", "a TIFF image", _CONVERT),
    (0, b"MM\0*", "a TIFF image", _CONVERT),
    (8, b"WEBP", "a WebP image", _CONVERT),
    (8, b"WAVE", "a sound file", _CONVERT),
    (8, b"AVI ", "a video file", _CONVERT),
    (4, b"ftyp", "a video or HEIF file", _CONVERT),
    (0, b"\x1aE\xdf\xa3", "a video file", _CONVERT),
    (0, b"ID3", "a sound file", _CONVERT),
    (0, b"OggS", "a sound or video file", _CONVERT),
    (0, b"fLaC", "a sound file", _CONVERT),
    (0, PARQUET, "a Parquet file", "Write its text column as JSONL or CSV first."),
    (0, b"ARROW1\0\0", "an Arrow file", "Write its text column as JSONL or CSV first."),
    (0, b"ORC", "an ORC file", "Write its text column as JSONL or CSV first."),
    (0, b"Obj\x01", "an Avro file", "Write its text column as JSONL or CSV first."),
    (0, b"SQLite format 3\0", "an SQLite database", "Export its text as JSONL or CSV first."),
    (8, b"DUCK", "a DuckDB database", "Export its text as JSONL or CSV first."),
    (0, b"\x89HDF\r\n\x1a\n", "an HDF5 file", "Write its text as JSONL or CSV first."),
    (0, b"\x93NUMPY", "a NumPy file", "Write its text as JSONL or CSV first."),
    (0, b"\x7fELF", "a program", "Leave it out."),
    (0, b"MZ\x90\0", "a program", "Leave it out."),
    (0, b"\xca\xfe\xba\xbe", "a program", "Leave it out."),
    (0, b"\0asm", "a program", "Leave it out."),
    (0, b"wOFF", "a font", "Leave it out."),
    (0, b"wOF2", "a font", "Leave it out."),
)
"""Offset, signature, name and next step of the kinds that are not opened."""

_AMBIGUOUS = (
    *(b"ID3", b"ORC", PARQUET, b"OggS", b"fLaC", b"wOFF", b"wOF2", b"DUCK", b"WAVE", b"WEBP", b"AVI ", b"ftyp"),
    *(b"BOOKMOBI", b"\xca\xfe\xba\xbe"),
)
"""Signatures that a text could begin with: they count only in a head with control bytes."""

_CONTROL = bytes(byte for byte in range(32) if byte not in b"\t\n\v\f\r\x1b")
_TEXT_CONTROL_BYTES = bytes(set(range(256)) - set(_CONTROL))


def kind_of(head: bytes) -> str | None:
    """Return the sentence that says which known kind of file begins with ``head`` and what to do; None for none.

    >>> kind_of(b"%PDF-1.7 ...")
    'This is a PDF document, which this version does not open. Convert it to text first, or leave it out.'
    """
    for offset, signature, name, step in _KINDS:
        if head.startswith(signature, offset) and (signature not in _AMBIGUOUS or controls(head)):
            return f"This is {name}, which this version does not open. {step}"
    return None


def controls(head: bytes) -> int:
    """Return how many control bytes ``head`` has that are no spacing."""
    return len(head.translate(None, _TEXT_CONTROL_BYTES))


def is_binary(head: bytes) -> bool:
    """Whether ``head``, which is in no encoding of wide units, has too many control bytes for a text."""
    count = controls(head)
    return count > FEW_CONTROLS and count > len(head) * MAX_CONTROL_SHARE
