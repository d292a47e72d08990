"""One person who exists nowhere, and small extracts that speak of her: a file that is sound, and files that are not.

In: nothing. Out: bytes of files. Whatever the gateway does with them, her particulars may be found nowhere afterwards.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import xlsxwriter

SURNAME, FORENAME = "Quistgaard", "Zephyrine"
POSTCODE, ADDRESS = "LE71 2QX", "17 Quillfeather Row"
BORN = "09/04/1971"
NHS_NUMBER = "9991234565"  # no tenth digit fits these nine
PARTICULARS = (SURNAME, FORENAME, POSTCODE, "LE712QX", ADDRESS, BORN, "1971-04-09", NHS_NUMBER)

POLICE = (
    *("NOMINAL_REF", "FORENAME_1", "SURNAME", "DATE_OF_BIRTH", "SEX", "ADDRESS_LINE", "POST_CODE"),
    *("LOCAL_AUTHORITY", "OCCURRED_DATE", "CONTACT_TYPE", "ROLE", "OFFENCE_GROUP"),
    *("SUBSTANCE_MARKER", "OFFICER_NOTES"),
)
PERSON = ("N1234567", FORENAME, SURNAME, BORN, "F", ADDRESS, POSTCODE)
CONTACT = ("CH", "04/04/2023", "OFF", "SUS", "BUR", "N", "")
HEALTH = (
    *("LocalPatientId", "NhsNumber", "GivenName", "FamilyName", "BirthDate", "PersonStatedGender"),
    *("UsualAddress", "UsualPostcode", "DistrictOfResidence", "ArrivalDate", "ArrivalMode"),
    *("ChiefComplaintGroup", "DischargeStatus", "TariffTotal"),
)


def csv_of(*rows: tuple[str, ...]) -> bytes:
    """A CSV of these rows."""
    return "".join(",".join(row) + "\r\n" for row in rows).encode()


def police(**changes: str) -> bytes:
    """A police extract of one sound row, and one in which columns are changed when there are changes."""
    sound = (*PERSON, *CONTACT)
    if not changes:
        return csv_of(POLICE, sound)
    changed = dict(zip(POLICE, sound, strict=True)) | {"NOMINAL_REF": "N7654321"} | changes
    return csv_of(POLICE, sound, tuple(changed.values()))


def health(nhs_number: str) -> bytes:
    """A health extract of one sound row without a number, and one with this number."""
    row = (FORENAME, SURNAME, "19710409", "2", ADDRESS, POSTCODE, "E07000130")
    visit = ("20230401", "30", "9", "D", "427.09")
    return csv_of(HEALTH, ("RX1000001", "", *row, *visit), ("RX1000002", nhs_number, *row, *visit))


def workbook() -> bytes:
    """A workbook with the police headers and her row."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, POLICE)
        sheet.write_row(1, 0, (*PERSON, *CONTACT))
    return content.getvalue()


def zip_bomb() -> bytes:
    """A workbook whose one sheet unpacks from kilobytes to hundreds of megabytes."""
    bomb = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook())) as sound,
        zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed,
    ):
        for name in sound.namelist():
            if name != "xl/worksheets/sheet1.xml":
                packed.writestr(name, sound.read(name))
        with packed.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(256):
                sheet.write(b" " * (1 << 20))
    return bomb.getvalue()


def places_of(folder: Path, particulars: tuple[str, ...] = PARTICULARS) -> list[str]:
    """Where in the bytes of every file below a folder one of her particulars stands, in whatever case."""
    return [
        f"{particular} in {file.relative_to(folder)}"
        for file, content in files_below(folder)
        for particular in particulars
        if particular.lower().encode() in content.lower()
    ]


def files_below(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Every file and its bytes; one that is taken away meanwhile is passed over."""
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            try:
                yield file, file.read_bytes()
            except FileNotFoundError:
                continue
