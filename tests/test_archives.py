"""Each member of an archive is a source of its own, whatever the archive is made of and whatever is wrong with it."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import random
import stat
import struct
import tarfile
import warnings
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taoxi.corpus import verify
from taoxi.normalize.containers import directory
from taoxi.normalize.containers.directory import directory_of
from taoxi.normalize.containers.store import Store
from tests.support import Folder, Row, jsonl, mixed_dump, pages, prose, run, taoxi, unaccounted

SAMPLES = Path(__file__).parent.parent / "samples" / "raw"
Files = dict[str, bytes]


def zipped(files: Files, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return files as a ZIP archive."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return raw.getvalue()


def tarred(files: Files, form: int = tarfile.PAX_FORMAT, encoding: str = "utf-8") -> bytes:
    """Return files as a tar archive."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=form, encoding=encoding) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return raw.getvalue()


def piped_zip(files: Files) -> bytes:
    """Return a ZIP archive as a pipe gets it: sizes stand behind the members."""

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise OSError

    raw = Pipe()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return raw.getvalue()


def zst(data: bytes) -> bytes:
    """Return a zstd frame."""
    return bytes(pa.compress(data, "zstd", asbytes=True))


PACKERS: dict[str, Callable[[Files], bytes]] = {
    "deflate.zip": zipped,
    "stored.zip": lambda files: zipped(files, zipfile.ZIP_STORED),
    "bzip2.zip": lambda files: zipped(files, zipfile.ZIP_BZIP2),
    "lzma.zip": lambda files: zipped(files, zipfile.ZIP_LZMA),
    "piped.zip": piped_zip,
    "zip.gz": lambda files: gzip.compress(zipped(files)),
    "pax.tar": tarred,
    "gnu.tar": lambda files: tarred(files, tarfile.GNU_FORMAT),
    "ustar.tar": lambda files: tarred(files, tarfile.USTAR_FORMAT),
    "tar.gz": lambda files: gzip.compress(tarred(files)),
    "tar.bz2": lambda files: bz2.compress(tarred(files)),
    "tar.xz": lambda files: lzma.compress(tarred(files)),
    "tar.zst": lambda files: zst(tarred(files)),
}


def read(tmp_path: Path, data: bytes, name: str = "dump") -> tuple[Row, list[Row], Folder]:
    """Clean one file; return the row of the file itself, those of its members, and the output."""
    path = tmp_path / name
    path.write_bytes(data)
    _, out = run(tmp_path / "out", path)
    (own,) = (row for row in out.sources if row["member"] is None)
    return own, [row for row in out.sources if row["member"] is not None], out


def texts(out: Folder) -> dict[str, str]:
    """Return the kept texts by member."""
    return {row["member"]: row["text"] for row in out.corpus}


@pytest.mark.parametrize("packer", PACKERS)
def test_each_member_is_a_source(tmp_path: Path, packer: str) -> None:
    """It has its row, size and hash, its documents say where they are from, and the archive has a row before it."""
    files = {
        "sub/page10.txt": pages(1).encode("gb18030"),
        "sub/page9.txt": gzip.compress(pages(2).encode(), mtime=0),
        "公告.jsonl": b'{"text": "%s"}\n\n{"text": "%s"}\n' % (prose(3).encode(), prose(4).encode()),
    }
    data = PACKERS[packer](files)
    own, members, out = read(tmp_path, data)
    assert (own["format"], own["bytes"], own["sha256"]) == (
        "zip" if "zip" in packer else "tar",
        len(data),
        hashlib.sha256(data).hexdigest(),
    )
    assert (own["records"], own["error"], out.sources[0]) == (0, None, own)
    natural = ["sub/page9.txt", "sub/page10.txt", "公告.jsonl"] if "zip" in packer else list(files)
    assert [row["member"] for row in members] == natural
    for row in members:
        content = files[row["member"]]
        assert (row["bytes"], row["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
        assert (row["source"], row["error"]) == (own["source"], None)
    assert [(row["member"], row["text"], row["site"]) for row in out.corpus] == [
        (member, text, own["source"] + site)
        for member in natural
        for text, site in {
            "sub/page10.txt": [(pages(1), "!/sub")],
            "sub/page9.txt": [(pages(2), "!/sub")],
            "公告.jsonl": [(prose(3), ""), (prose(4), "")],
        }[member]
    ]
    (blank,) = out.ledger
    assert (blank["member"], blank["kind"], blank["reason"]) == ("公告.jsonl", "separator", "blank")


@pytest.mark.parametrize("packer", ["deflate.zip", "tar.gz"])
def test_an_archive_gives_what_its_folder_gives(tmp_path: Path, packer: str) -> None:
    """The samples, packed: the same kept texts, and every problem that the files have by themselves."""
    files = {path.relative_to(SAMPLES).as_posix(): path.read_bytes() for path in SAMPLES.rglob("*") if path.is_file()}
    plain, folder = run(tmp_path / "plain", SAMPLES)
    (tmp_path / "dump").write_bytes(PACKERS[packer](files))
    packed, out = run(tmp_path / "packed", tmp_path / "dump")
    assert sorted(row["text"] for row in out.corpus) == sorted(row["text"] for row in folder.corpus)
    assert sorted(problem.message for problem in packed.problems) == sorted(p.message for p in plain.problems)
    assert all(str(problem).startswith(f"{tmp_path}/dump!/") for problem in packed.problems)


def test_members_do_not_depend_on_jobs_or_batches(tmp_path: Path) -> None:
    """Numbers are dealt in the order of reading, so every way to run gives the same bytes."""
    folder = mixed_dump(tmp_path / "dump")
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    (tmp_path / "a.zip").write_bytes(zipped({**files, "inner.tar.gz": gzip.compress(tarred(files), mtime=0)}))
    outs = []
    for number, how in enumerate([{}, {"batch_bytes": 1 << 10}, {"batch_bytes": 1 << 14, "jobs": 2}]):
        _, out = run(tmp_path / f"out{number}", tmp_path / "a.zip", **how)
        outs.append([out.corpus, out.ledger, out.sources])
    assert outs[0] == outs[1] == outs[2]
    for row in outs[0][2]:
        assert row["member"] is None or row["format"] == "tar" or row["documents"]


@given(
    st.dictionaries(
        st.text(alphabet="ab/公_9", min_size=1, max_size=12).filter(lambda name: not name.endswith("/")),
        st.integers(0, 40).map(lambda seed: pages(seed, 1 + seed % 3).encode(("utf-8", "gb18030")[seed % 2])),
        max_size=6,
    ),
    st.sampled_from(sorted(PACKERS)),
)
@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
def test_any_files_come_out_as_they_went_in(
    tmp_path_factory: pytest.TempPathFactory, files: Files, packer: str
) -> None:
    """Every byte of every member is in a span of the corpus or the ledger."""
    files = files or {"a": pages(1).encode()}
    _, members, out = read(tmp_path_factory.mktemp("any"), PACKERS[packer](files))
    assert {row["member"]: row["sha256"] for row in members} == {
        name: hashlib.sha256(data).hexdigest() for name, data in files.items()
    }
    for name, data in files.items():
        assert unaccounted(len(data), [row for row in [*out.corpus, *out.ledger] if row["member"] == name]) == []


# Names


@pytest.mark.parametrize(
    ("raw", "flags", "name"),
    [
        ("年报/公告.txt".encode("gbk"), 0, "年报/公告.txt"),
        ("年报/公告.txt".encode(), 0, "年报/公告.txt"),
        ("年报/公告.txt".encode(), 0x800, "年报/公告.txt"),
        ("Führer é.txt".encode("cp437"), 0, "Führer é.txt"),
        (b"../../etc/passwd", 0, "../../etc/passwd"),
        (b"/etc/passwd", 0, "/etc/passwd"),
        (b"C:\\dumps\\a.txt", 0, "C:/dumps/a.txt"),
        (b"a\nb\x1b[31m.txt", 0, "a\\x0ab\\x1b[31m.txt"),
        (b"x" * 9_000, 0, "x" * 4_095 + "…"),
    ],
)
def test_names_of_zip_members(tmp_path: Path, raw: bytes, flags: int, name: str) -> None:
    """By their flag, else by their bytes; recorded, made printable, and never used as a path."""
    data = bytearray(zipped({"n" * len(raw): pages(1).encode()}))
    data = bytearray(bytes(data).replace(b"n" * len(raw), raw))
    for at, signature in ((6, b"PK\x03\x04"), (8, b"PK\x01\x02")):
        place = data.index(signature)
        data[place + at : place + at + 2] = flags.to_bytes(2, "little")
    data[data.index(b"PK\x01\x02") + 5] = 0  # made on FAT
    before = set(tmp_path.iterdir())
    _, (member,), out = read(tmp_path, bytes(data))
    assert (member["member"], member["documents"]) == (name, 1)
    assert texts(out) == {name: pages(1)}
    assert set(tmp_path.iterdir()) - before == {tmp_path / "dump", tmp_path / "out"}


@pytest.mark.parametrize(
    ("form", "encoding"),
    [(tarfile.PAX_FORMAT, "utf-8"), (tarfile.GNU_FORMAT, "gbk"), (tarfile.USTAR_FORMAT, "gbk")],
)
@pytest.mark.parametrize("name", ["公告/年报.txt", "长/" * 45 + "x.txt"])
def test_names_of_tar_members(tmp_path: Path, form: int, encoding: str, name: str) -> None:
    """Long ones stand in headers of their own, or in two parts."""
    _, (member,), _ = read(tmp_path, tarred({name: pages(1).encode()}, form, encoding))
    assert member["member"] == name


@pytest.mark.parametrize("outer", ["tar", "zip"])
def test_members_of_one_name_are_told_apart(tmp_path: Path, outer: str) -> None:
    """An archive that was added to holds a file twice: each is a source, and verify reads each again."""
    texts = {"a.txt": pages(1, 2), "a.txt#2": pages(2, 2), "b.txt": pages(3, 2)}
    raw = io.BytesIO()
    if outer == "tar":
        raw.write(b"".join(tarred({name[:5]: text.encode()})[:-8192] for name, text in texts.items()) + bytes(1024))
    else:
        with zipfile.ZipFile(raw, "w") as archive, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for name, text in texts.items():
                archive.writestr(name[:5], text)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / f"x.{outer}").write_bytes(raw.getvalue())
    _, folder = run(tmp_path / "out", tmp_path / "in")
    assert {row["member"]: row["text"] for row in folder.corpus} == texts
    found = verify(folder.path)
    assert (found.complaints, found.remarks, found.documents) == ((), (), 3)


def test_hidden_members_are_not_read(tmp_path: Path) -> None:
    """As hidden files; so are the leftovers of macOS."""
    files = {".git/x": b"1", "__MACOSX/._a.txt": b"22", "a/.b": b"3", "./a.txt": pages(1).encode()}
    for pack in (zipped, tarred):
        folder = tmp_path / pack.__name__
        folder.mkdir()
        _, members, _ = read(folder, pack(files))
        formats = {row["member"]: (row["format"], row["bytes"], row["error"]) for row in members}
        assert formats.pop("./a.txt")[0] == "text"
        assert formats == {name: ("hidden", len(files[name]), None) for name in formats}
        assert len(formats) == 3


# What is not read


def test_what_is_no_file_has_an_entry(tmp_path: Path) -> None:
    """Links and devices are told, and lead nowhere."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        for name, kind in (("soft", tarfile.SYMTYPE), ("hard", tarfile.LNKTYPE), ("null", tarfile.CHRTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        info = tarfile.TarInfo("folder")
        info.type = tarfile.DIRTYPE
        archive.addfile(info)
    _, members, out = read(tmp_path, raw.getvalue())
    assert [(row["member"], row["format"], row["error"]) for row in members] == [
        ("soft", "link", "This is a symbolic link, not a file. Take it out of the archive."),
        ("hard", "link", "This is a hard link, not a file. Take it out of the archive."),
        ("null", "device", "This is a device, not a file. Take it out of the archive."),
    ]
    assert out.corpus == []


def test_a_link_in_a_zip_has_an_entry(tmp_path: Path) -> None:
    """Its content is a path, not a text."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        info = zipfile.ZipInfo("soft")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    _, (member,), _ = read(tmp_path, raw.getvalue())
    assert (member["format"], member["error"]) == (
        "link",
        "This is a symbolic link, not a file. Take it out of the archive.",
    )


def test_an_encrypted_member_has_an_entry(tmp_path: Path) -> None:
    """The others are read."""
    data = bytearray(zipped({"a.txt": pages(1).encode(), "b.txt": pages(2).encode()}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    _, members, out = read(tmp_path, bytes(data))
    assert (members[0]["format"], members[0]["error"]) == (
        "encrypted",
        "It is encrypted. Unpack it with its password, then name what comes out.",
    )
    assert texts(out) == {"b.txt": pages(2)}


def test_archives_are_opened_twice_at_most(tmp_path: Path) -> None:
    """One in one is opened; one deeper has an entry that says what to do."""
    inner = tarred({"deep.txt": pages(3).encode()})
    middle = zipped({"x.txt": pages(2).encode(), "inner.tar": inner})
    _, members, out = read(tmp_path, tarred({"sub/middle.zip": gzip.compress(middle)}))
    assert [(row["member"], row["format"]) for row in members] == [
        ("sub/middle.zip", "zip"),
        ("sub/middle.zip!/inner.tar", "tar"),
        ("sub/middle.zip!/x.txt", "text"),
    ]
    assert members[1]["error"] == (
        "This is an archive in an archive in an archive, which is not opened. Unpack the outer one first."
    )
    assert texts(out) == {"sub/middle.zip!/x.txt": pages(2)}
    assert out.corpus[0]["site"] == f"{tmp_path}/dump!/sub/middle.zip"


@pytest.mark.parametrize(
    ("names", "what"),
    [
        (["[Content_Types].xml", "word/document.xml"], "an Office document (.docx, .xlsx, .pptx)"),
        (["mimetype", "META-INF/container.xml"], "an e-book (.epub)"),
        (["META-INF/MANIFEST.MF", "a.class"], "a Java archive (.jar) or an app"),
    ],
)
def test_documents_made_as_archives_are_told(tmp_path: Path, names: list[str], what: str) -> None:
    """Their members are no texts of a dump."""
    own, members, _ = read(tmp_path, zipped(dict.fromkeys(names, b"<x/>")))
    assert (own["format"], members, own["error"]) == (
        "binary",
        [],
        f"This is {what}, which this version does not open. Convert it to text first, or leave it out.",
    )


# Damage


def many(count: int = 40) -> Files:
    """Return files that do not compress well, in natural order."""
    return {f"p{number}.txt": pages(100 + number, 4).encode() for number in range(count)}


@pytest.mark.parametrize(
    "packer", ["deflate.zip", "stored.zip", "piped.zip", "lzma.zip", "pax.tar", "tar.gz", "tar.xz"]
)
@pytest.mark.parametrize("share", [0.05, 0.5, 0.95])
def test_what_comes_before_a_break_is_kept(tmp_path: Path, packer: str, share: float) -> None:
    """Whole members before it, and of the one that it cuts what there is."""
    files = many()
    data = PACKERS[packer](files)
    own, members, out = read(tmp_path, data[: int(len(data) * share)])
    assert own["error"]
    assert own["format"] in {"zip", "tar"}
    found = texts(out)
    whole = [name for name in found if found[name] == files[name].decode()]
    assert whole == list(files)[: len(whole)]
    assert len(whole) >= int(share * len(files)) - 2
    assert set(found) - set(whole) <= {f"p{len(whole)}.txt"}
    for name in set(found) - set(whole):
        (row,) = (row for row in members if row["member"] == name)
        assert row["error"]
        assert files[name].decode().startswith(found[name].rstrip("\ufffd"))


def test_a_zip_without_its_directory_says_so(tmp_path: Path) -> None:
    """The message counts what was found."""
    data = zipped(many(3))
    own, members, _ = read(tmp_path, data[: data.index(b"PK\x01\x02")])
    assert own["error"] == (
        "The ZIP archive has no whole directory at its end, as if it were cut short; by their own headers 3 members"
        " were found. Fetch the archive again for the rest."
    )
    assert all(row["error"] is None for row in members)


def test_a_wrong_checksum_is_told(tmp_path: Path) -> None:
    """The text is kept as it stands."""
    data = bytearray(zipped({"a.txt": pages(1).encode()}, zipfile.ZIP_STORED))
    data[data.index(b"PK\x01\x02") + 16] ^= 1
    _, (member,), out = read(tmp_path, bytes(data))
    assert member["error"] == (
        "Its checksum is wrong, so some of its bytes may be. It was read as it stands; fetch the archive again."
    )
    assert texts(out) == {"a.txt": pages(1)}


def test_damage_inside_a_member_spares_the_others(tmp_path: Path) -> None:
    """The stream of one member is broken, and the next one is read from its own place."""
    files = many(3)
    data = bytearray(zipped(files))
    start = data.index(b"PK\x03\x04", 4)
    data[start + 600 : start + 640] = bytes(40)
    _, members, out = read(tmp_path, bytes(data))
    assert [row["error"] is None for row in members] == [True, False, True]
    assert {"p0.txt", "p2.txt"} <= set(texts(out))


def test_damage_between_tar_members_is_passed_over(tmp_path: Path) -> None:
    """A spoiled header loses its member, told with its bytes, and not those after it."""
    files = many(4)
    data = bytearray(tarred(files))
    at = data.index(b"p1.txt")
    data[at : at + 100] = bytes(range(1, 101))
    own, members, out = read(tmp_path, bytes(data))
    assert set(texts(out)) == {"p0.txt", "p2.txt", "p3.txt"}
    end = data.index(b"p2.txt")
    assert own["error"] == (
        f"at byte {at:,}: The {end - at:,} bytes up to byte {end:,} are no header of a member, and were passed over."
        " Fetch the archive again."
    )
    assert len(members) == 3


def test_tars_one_behind_another_are_one(tmp_path: Path) -> None:
    """The zeros at the end of the first do not end the reading."""
    _, members, _ = read(tmp_path, tarred({"a.txt": pages(1).encode()}) + tarred({"b.txt": pages(2).encode()}))
    assert [row["member"] for row in members] == ["a.txt", "b.txt"]


def test_members_of_one_name_are_each_read(tmp_path: Path) -> None:
    """Nothing is replaced by its namesake."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr("a.txt", pages(1))
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.txt", pages(2))
    _, members, out = read(tmp_path, raw.getvalue())
    assert [row["member"] for row in members] == ["a.txt", "a.txt#2"]
    assert [row["text"] for row in out.corpus] == [pages(1), pages(2)]


def test_members_that_share_bytes_are_read_once(tmp_path: Path) -> None:
    """As in bombs: a directory that names one stretch again and again."""
    data = zipped({"a.txt": pages(1).encode()})
    start, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    entry = data[start:end]
    listed = entry + entry.replace(b"a.txt", b"b.txt") + entry.replace(b"a.txt", b"c.txt")
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 3, 3, len(listed), start, 0)
    _, members, out = read(tmp_path, data[:start] + listed + tail)
    assert [row["error"] for row in members] == [
        None,
        *["Its bytes are also those of another member, as in bombs. Leave it out, or pack the files anew."] * 2,
    ]
    assert texts(out) == {"a.txt": pages(1)}


def test_a_method_that_is_not_undone_is_named(tmp_path: Path) -> None:
    """The message says what to do."""
    data = bytearray(zipped({"a.txt": pages(1).encode()}))
    for at, signature in ((8, b"PK\x03\x04"), (10, b"PK\x01\x02")):
        data[data.index(signature) + at] = 9
    _, (member,), _ = read(tmp_path, bytes(data))
    assert member["error"] == "It is compressed by deflate64, which this version does not undo. Unpack it first."


def test_an_archive_of_64_bits_is_read(tmp_path: Path) -> None:
    """Sizes and places that stand in the extra fields and in the larger end record."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive, archive.open("a.txt", "w", force_zip64=True) as member:
        member.write(pages(1).encode())
    data = raw.getvalue()
    start, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    entry = bytearray(data[start:end])
    sizes = struct.unpack("<2L", entry[20:28])
    extra = struct.pack("<2H3Q", 1, 24, sizes[1], sizes[0], 0)
    entry[20:28] = b"\xff" * 8
    entry[42:46] = b"\xff" * 4
    entry[30:32] = len(extra).to_bytes(2, "little")
    listed = bytes(entry) + extra
    far = start + len(listed)
    tail = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, len(listed), start)
    tail += struct.pack("<4sLQL", b"PK\x06\x07", 0, far, 1)
    tail += struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    own, (row,), out = read(tmp_path, data[:start] + listed + tail)
    assert (own["error"], row["error"], texts(out)) == (None, None, {"a.txt": pages(1)})


def test_more_members_than_are_read_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list of members is bounded."""
    monkeypatch.setattr(directory, "MAX_MEMBERS", 5)
    own, members, _ = read(tmp_path, zipped(many(9)))
    assert len(members) == 5
    assert own["error"] == (
        "The archive has more than 5 members; those beyond were not read. Unpack it and name the folder."
    )


@given(st.binary(max_size=300), st.integers(0, 2_000), st.integers(0, 2_000))
@settings(max_examples=150, deadline=None)
def test_a_damaged_directory_never_raises(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, start: int, end: int
) -> None:
    """Whatever stands in an archive, it is a list of members, none of them beyond its end."""
    data = zipped({f"{number}.txt": bytes([number]) * 50 for number in range(5)})
    path = tmp_path_factory.mktemp("noise") / "a.zip"
    path.write_bytes(data[:start] + noise + data[end:])
    with Store(str(path)) as store:
        for entry in directory_of(store).entries:
            assert zlib.crc32(store.at(max(0, entry.start), 30)) >= 0


def test_any_noise_in_an_archive_ends_in_rows(tmp_path: Path) -> None:
    """Nothing raises and nothing hangs, however an archive is spoiled."""
    rng = random.Random(7)
    dump = tmp_path / "dump"
    dump.mkdir()
    for number in range(60):
        data = bytearray(PACKERS[rng.choice(["deflate.zip", "lzma.zip", "stored.zip", "pax.tar", "gnu.tar"])](many(4)))
        for _ in range(rng.randint(1, 8)):
            at = rng.randrange(len(data))
            data[at : at + rng.randint(0, 60)] = rng.randbytes(rng.randint(0, 60))
        (dump / f"{number}").write_bytes(data[: rng.randint(1, len(data))])
    report, out = run(tmp_path / "out", dump)
    assert len({row["source"] for row in out.sources}) == 60
    assert report.problems


# Pipes


@pytest.mark.parametrize("packer", ["deflate.zip", "piped.zip", "pax.tar", "tar.gz", "zip.gz"])
def test_an_archive_may_come_through_a_pipe(tmp_path: Path, packer: str) -> None:
    """Tar is read on the way; ZIP is copied, and the copy is gone in the end."""
    files = {"a.txt": pages(1).encode(), "sub/b.txt": pages(2).encode()}
    done = taoxi("-", "-o", "out", cwd=tmp_path, data=PACKERS[packer](files))
    assert done.returncode == 0, done.stderr
    out = Folder(tmp_path / "out")
    assert [(row["source"], row["member"], row["text"]) for row in out.corpus] == [
        ("-", "a.txt", pages(1)),
        ("-", "sub/b.txt", pages(2)),
    ]
    assert [row["site"] for row in out.corpus] == ["-", "-!/sub"]
    assert not list(tmp_path.rglob("copy-*"))


def test_progress_counts_stored_bytes(tmp_path: Path) -> None:
    """It never runs ahead of the archive, and ends at its size."""
    from taoxi.corpus import Options, clean
    from taoxi.corpus.report import Event, Phase, Progress

    jsonl(tmp_path / "d" / "x.jsonl", [pages(k) for k in range(200)])
    data = zipped({"x.jsonl": (tmp_path / "d" / "x.jsonl").read_bytes(), **many(10)})
    (tmp_path / "a.zip").write_bytes(data)
    seen: list[int] = []

    def listen(event: Event) -> None:
        if isinstance(event, Progress) and event.phase is Phase.READ:
            seen.append(event.done)

    clean(Options(inputs=(str(tmp_path / "a.zip"),), out=str(tmp_path / "o"), batch_bytes=1 << 14), listener=listen)
    assert seen == sorted(seen)
    assert seen[-1] == len(data)
