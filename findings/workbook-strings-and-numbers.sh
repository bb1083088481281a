#!/bin/bash
# openpyxl 3.1.5 and python-calamine 0.9.1: what each loses of a workbook's texts and numbers, on one valid file.
#
# Expected: ECMA-376 part 1, 22.9.2.19 (ST_Xstring): `_xHHHH_` in a string stands for the character with that code, so
# `a_x0041_b` reads aAb. 18.8.30 (numFmt): a cell with the number 123 and the format 000000 is shown as 000123.
# 18.3.1.96 (v): a number is stored in decimal digits, 18 of them in this file.
# Seen: openpyxl leaves the escape as it stands, gives the number format beside the number, and the 18 digits as they are
# stored. python-calamine resolves the escape, has no number format to ask for, and gives each number as a float, so
# the leading zeros and the last digits are lost. Both leave out phonetic readings.
# So one who reads codes by python-calamine merges 000123 with 123, and one who reads names by openpyxl sees `_x000D_`
# where somebody pasted a line break from Windows.
#
# Output as seen on 2026-11-30:
#   openpyxl 3.1.5: ['机床', 'a_x0041_b', (123, '000000'), 911301001234567890]
#   python-calamine 0.9.1: ['机床', 'aAb', 123.0, 9.11301001234568e+17]
#
# Not reported. services/submission/roll_table.py reads by openpyxl and resolves the escapes itself.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check openpyxl==3.1.5 python-calamine==0.9.1
"$folder/venv/bin/python" - "$folder/book.xlsx" <<'PROGRAM'
import sys
import zipfile
from importlib.metadata import version

import openpyxl
from python_calamine import CalamineWorkbook

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
CELLS = (
    '<c r="A1" t="inlineStr"><is><t>机床</t><rPh sb="0" eb="2"><t>jichuang</t></rPh></is></c>'
    '<c r="B1" t="inlineStr"><is><t>a_x0041_b</t></is></c>'
    '<c r="C1" s="1"><v>123</v></c><c r="D1"><v>911301001234567890</v></c>'
)
PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{KIND}.styles+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{KIND}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
    '<sheet name="s" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="r2" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="000000"/></numFmts>'
    '<fonts count="1"><font/></fonts><fills count="1"><fill><patternFill patternType="none"/></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="164" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
    "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData><row r="1">{CELLS}</row></sheetData></worksheet>',
}
path = sys.argv[1]
with zipfile.ZipFile(path, "w") as archive:
    for name, text in PARTS.items():
        archive.writestr(name, '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>' + text)

name, escaped, number, long = next(iter(openpyxl.load_workbook(path).active.rows))
first = [name.value, escaped.value, (number.value, number.number_format), long.value]
second = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()[0]
print(f"openpyxl {version('openpyxl')}: {first}")
print(f"python-calamine {version('python-calamine')}: {second}")
if first != ["机床", "a_x0041_b", (123, "000000"), 911301001234567890]:
    sys.exit("openpyxl reads this file in another way now")
if second != ["机床", "aAb", 123.0, 9.11301001234568e17]:
    sys.exit("python-calamine reads this file in another way now")
PROGRAM
