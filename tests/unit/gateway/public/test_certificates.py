"""Certificates: the PDF shows what the log holds, with equal bytes each time; the page shows the current status."""

import asyncio
import io
import zipfile
from typing import Any

import pypdf
import pypdfium2
import pytest
import typst

from gateway.certificates import document, fonts, glyphs
from gateway.certificates.bundle import TABLE, file_name, zip_certificates
from gateway.certificates.print_queue import WAITING, Printer
from gateway.html.texts import WORDS
from gateway.http.problems import Problem
from tests.unit.gateway.town import CLOCK, Visitor, code

NUMBER = "ABCDEFGH23456722"
ADDRESS = f"https://example.org/certificates/{NUMBER}"
CERTIFICATE: dict[str, Any] = {
    "certificate": NUMBER,
    "proposal": "P1",
    "entry": "u1-1",
    "title": "把会建到运输线上",
    "unit": "唐山市某某运输有限公司工会委员会",
    "type": "国有及国有控股企业",
    "place": None,
    "campaign": "百家基层工会特色建设成果展",
    "organiser": "河北省总工会",
    "day": "2021-06-24",
    "at": CLOCK,
    "status": "valid",
    "why": None,
    "words": None,
    "since": None,
}
REVOKED = {**CERTIFICATE, "status": "revoked", "why": "order", "words": "单位名称 <b>有误</b>", "since": CLOCK}


def text_of(pdf: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    assert len(pages) == 1
    return "".join(pages[0].extract_text().split())


# The paper


def test_paper_says_what_the_certificate_says():
    text = text_of(document.pdf(CERTIFICATE, ADDRESS))

    for name in ("title", "unit", "type", "campaign", "organiser"):
        assert CERTIFICATE[name] in text
    for words in ("荣誉证书", "2021年6月24日", "ABCD-EFGH-2345-6722", ADDRESS):
        assert words in text
    assert "名" not in text.replace(CERTIFICATE["unit"], "")


def test_paper_names_a_place_where_the_certificate_does():
    assert "第3名，特发此证" in text_of(document.pdf({**CERTIFICATE, "place": 3}, ADDRESS))


def test_paper_is_the_same_bytes_each_time():
    assert document.pdf(CERTIFICATE, ADDRESS) == document.pdf(dict(reversed(CERTIFICATE.items())), ADDRESS)


def test_paper_is_dated_by_the_issue_and_knows_its_number():
    about = pypdf.PdfReader(io.BytesIO(document.pdf(CERTIFICATE, ADDRESS))).metadata

    assert about.creation_date.date().isoformat() == "2021-06-24"
    assert NUMBER in about.title


@pytest.mark.parametrize(
    "title",
    [
        '#panic("x")',
        "#strong[甲] $x^2$ *乙* _丙_ `丁`",
        '"); read("/etc/passwd"); ("',
        "\\u{1F600} \\ // /* <label> @cite = 标题",
    ],
)
def test_what_a_unit_wrote_is_printed_and_is_no_markup(title: str):
    text = text_of(document.pdf({**CERTIFICATE, "title": title, "unit": title}, ADDRESS))

    assert text.count("".join(title.split())) == 2


@pytest.mark.parametrize(
    "title",
    [
        pytest.param("长" * 120, id="many characters"),
        pytest.param("W" * 200, id="one long word"),
        pytest.param("百" * 60 + "W" * 60, id="both"),
    ],
)
def test_long_names_stay_on_one_page_inside_its_frame(title: str):
    made = document.pdf({**CERTIFICATE, "title": title, "unit": title[:80]}, ADDRESS)

    page = pypdfium2.PdfDocument(made)[0]
    width, height = page.get_size()
    boxes = [page.get_textpage().get_charbox(k) for k in range(page.get_textpage().count_chars())]
    assert len(pypdf.PdfReader(io.BytesIO(made)).pages) == 1
    assert min(left for left, _, _, _ in boxes) > 30
    assert max(right for _, _, right, _ in boxes) < width - 30
    assert min(bottom for _, bottom, _, _ in boxes) > 30
    assert max(top for _, _, _, top in boxes) < height - 30


def test_picture_is_a_png():
    assert document.png(CERTIFICATE, ADDRESS, ppi=20).startswith(b"\x89PNG")


def test_machine_without_a_chinese_font_says_so():
    with pytest.raises(Problem) as refused:
        fonts.chinese(["DejaVu Sans", "Libertinus Serif"])

    assert (refused.value.code, refused.value.status) == ("fonts-missing", 503)


# Glyphs


def families_of(pdf: bytes) -> set[str]:
    fonts_of_page = pypdf.PdfReader(io.BytesIO(pdf)).pages[0]["/Resources"]["/Font"].values()
    return {each.get_object()["/BaseFont"].split("+")[1].split("-")[0].lower() for each in fonts_of_page}


@pytest.mark.parametrize("field", ["unit", "title", "type", "campaign", "organiser"])
@pytest.mark.parametrize(
    ("sign", "why", "code"),
    [
        pytest.param("\u0298", "glyph-missing", "U+0298", id="a letter of other fonts only"),
        pytest.param("\U0001f477", "glyph-missing", "U+1F477", id="a picture sign"),
        pytest.param("\u0f56", "glyph-missing", "U+0F56", id="a letter of another script"),
        pytest.param("\ue000", "private-characters", "U+E000", id="a private character that a mathematical font has"),
        pytest.param("\u202e", "direction-characters", "U+202E", id="a sign that turns the line round"),
        pytest.param("\n", "line-break", "U+000A", id="a line break"),
    ],
)
def test_text_with_a_sign_that_no_font_has_is_not_printed_and_is_named(field: str, sign: str, why: str, code: str):
    odd = {**CERTIFICATE, field: f"王{sign}工会"}

    for render in (document.pdf, document.png):
        with pytest.raises(Problem) as refused:
            render(odd, ADDRESS)

        (name,) = refused.value.facts["names"]
        assert (refused.value.code, refused.value.status) == ("certificate-unprintable", 409)
        assert (name["entry"], name["field"], name["why"], name["characters"]) == ("u1-1", field, why, (code,))


def test_each_missing_character_is_named_once_and_sound_ones_are_not():
    (found,) = document.unprintable({**CERTIFICATE, "unit": "\u0298工\U0001f477会\u0298"})

    assert (found.field, found.characters) == ("unit", ("U+0298", "U+1F477"))


@pytest.mark.parametrize("unit", ["买买提·艾力工会", "ABC·é（集团）①㐀", "A\u200bB", "e\u0301cole", "\ufeff工会"])
def test_sound_names_are_printable(unit: str):
    assert document.unprintable({**CERTIFICATE, "unit": unit}) == []


@pytest.mark.parametrize("field", ["unit", "title", "type", "campaign", "organiser"])
def test_byte_order_mark_in_a_name_is_left_out_of_the_paper(field: str):
    """PDF/A forbids the sign, and spreadsheets leave it at the start of a cell."""
    marked = {**CERTIFICATE, field: f"\ufeff{CERTIFICATE[field]}"}

    assert document.pdf(marked, ADDRESS) == document.pdf(CERTIFICATE, ADDRESS)
    assert document.png(marked, ADDRESS) == document.png(CERTIFICATE, ADDRESS)


def test_variant_of_a_character_is_not_printed_in_its_usual_form():
    """The family has no variants: it prints the usual form without a word."""
    odd = {**CERTIFICATE, "unit": "葛\U000e0100城工会"}

    (found,) = document.unprintable({**odd, "unit": f"{odd['unit']}\u0298"})
    with pytest.raises(Problem, match="certificate-unprintable"):
        document.pdf(odd, ADDRESS)

    assert (found.field, found.why, found.characters) == ("unit", "glyph-missing", ("U+845B U+E0100", "U+0298"))


def test_paper_is_set_in_one_family_and_as_pdf_a():
    made = document.pdf({**CERTIFICATE, "unit": "买买提·艾力 ABC 㐀 工会"}, ADDRESS)

    assert families_of(made) - {"dejavusansmono"} == {fonts.chinese()[0].replace(" ", "").lower()}
    assert b"<pdfaid:part>2</pdfaid:part>" in made


def test_typst_is_silent_about_a_missing_glyph_without_the_standard():
    """Seen with typst 0.15.2: why every paper is made as PDF/A-2u. When this fails, the check may become simpler."""
    source = b'#set text(font: "DejaVu Sans", fallback: false)\n\xe5\xb7\xa5'
    compiler = typst.Compiler(font_paths=fonts.installed())

    assert compiler.compile(input=source, format="pdf").startswith(b"%PDF")
    with pytest.raises(typst.TypstError) as refused:
        compiler.compile(input=source, format="pdf", pdf_standards=[glyphs.STANDARD], timestamp=0)
    assert glyphs.is_missing_glyph(refused.value)


def test_whole_name_takes_the_first_font_that_has_all_of_it():
    families = [fonts.chinese()[0], "DejaVu Sans"]

    assert glyphs.face_of("工会", families) == families[0]
    assert glyphs.face_of("\u0298 union", families) == "DejaVu Sans"
    assert glyphs.face_of("\u0298工会", families) is None


# Many


def test_bundle_holds_every_paper_and_says_whose_it_is():
    other = {**CERTIFICATE, "certificate": "B" * 16, "unit": "=甲/乙\\..", "place": 2}

    made = zip_certificates([(CERTIFICATE, b"one"), (other, b"two")])

    with zipfile.ZipFile(io.BytesIO(made)) as bundle:
        names = bundle.namelist()
        table = bundle.read(TABLE).decode("utf-8-sig").splitlines()
        assert [bundle.read(each) for each in names[:2]] == [b"one", b"two"]
    assert names == [f"{NUMBER}-唐山市某某运输有限公司工会委员会.pdf", f"{'B' * 16}-=甲乙.pdf", TABLE]
    assert table[0] == "certificate,entry,unit,title,type,place,day,file"
    assert table[2].split(",")[2] == "'=甲/乙\\.."
    assert made == zip_certificates([(CERTIFICATE, b"one"), (other, b"two")])


def test_texts_of_a_unit_are_no_formula_no_second_line_and_turn_no_file_name_round():
    odd = {**CERTIFICATE, "unit": "＝1+1\u202efdp.工会", "title": " =HYPERLINK(1)\n二"}

    with zipfile.ZipFile(io.BytesIO(zip_certificates([(odd, b"one")]))) as bundle:
        row = bundle.read(TABLE).decode("utf-8-sig").splitlines()[1]
        name = bundle.namelist()[0]

    assert "'＝1+1fdp.工会,'=HYPERLINK(1) 二," in row
    assert name.endswith("-＝1+1fdp工会.pdf")


def test_file_name_of_a_picture_ends_as_one():
    assert file_name(CERTIFICATE, ending="png").endswith("委员会.png")


def test_printer_prints_a_paper_once_and_refuses_when_too_many_wait(visitor: Visitor):
    printer = Printer()

    async def flood() -> list[Any]:
        wanted = [printer.pdf({**CERTIFICATE, "title": f"{k}"}, ADDRESS) for k in range(WAITING + 3)]
        return await asyncio.gather(*wanted, return_exceptions=True)

    answers = visitor.run(flood())
    again = visitor.run(printer.pdf({**CERTIFICATE, "title": "0"}, ADDRESS))

    assert [each.code for each in answers if isinstance(each, Problem)] == ["busy"] * 3
    assert again is answers[0]


# By number


def test_page_says_that_a_certificate_is_valid_and_leads_to_its_paper(visitor: Visitor):
    visitor.town.answers["ranking", "certificate"] = {"ok": CERTIFICATE}

    page = visitor.request("GET", f"/certificates/{NUMBER.lower()}", plain=True)
    printed = visitor.request("GET", f"/certificates/{NUMBER}.pdf", plain=True)

    assert WORDS["certificate.is-valid"][0] in page.text
    assert CERTIFICATE["unit"] in page.text
    assert f'href="/certificates/{NUMBER}.pdf"' in page.text
    assert printed.headers["content-type"] == "application/pdf"
    assert f"http://baijia.test/certificates/{NUMBER}" in text_of(printed.content)


@pytest.mark.parametrize("why", ["order", "disqualified", "replaced", "changed", "reissued"])
def test_revoked_certificate_says_why_and_since_when_and_is_not_printed(visitor: Visitor, why: str):
    visitor.town.answers["ranking", "certificate"] = {"ok": {**REVOKED, "why": why}}

    page = visitor.request("GET", f"/certificates/{NUMBER}", plain=True)
    printed = visitor.request("GET", f"/certificates/{NUMBER}.pdf", plain=True)

    for words in (WORDS["certificate.is-revoked"][0], WORDS[f"certificate.by-{why}"][0], "2021-06-07 12:00"):
        assert words in page.text
    assert "单位名称 &lt;b&gt;有误" in page.text
    assert ".pdf" not in page.text
    assert printed.status_code == 410


def test_number_that_was_never_issued_is_unknown(visitor: Visitor):
    visitor.town.answers["ranking", "certificate"] = {"refused": {"code": "certificate-unknown", "field": None}}

    answers = [
        visitor.request("GET", f"/certificates/{each}", plain=True) for each in ("Z" * 16, "1", "Z" * 16 + ".pdf")
    ]

    assert [each.status_code for each in answers] == [404, 404, 404]
    assert all("没有这个证书编号" in each.text for each in answers)


def test_number_that_is_typed_leads_to_its_page(visitor: Visitor):
    sent = visitor.request("GET", "/certificates?number=abcd-efgh 2345-6722", plain=True)

    assert (sent.status_code, sent.headers["location"]) == (303, f"/certificates/{NUMBER}")


def test_digits_that_no_number_has_are_read_as_the_letters_that_they_look_like(visitor: Visitor):
    sent = visitor.request("GET", "/certificates?number=0188-0188-0188-0188", plain=True)

    assert sent.headers["location"] == "/certificates/OIBBOIBBOIBBOIBB"


def test_organiser_downloads_all_valid_papers(visitor: Visitor):
    revoked = {**REVOKED, "certificate": "B" * 16}
    visitor.town.answers["ranking", "certificates"] = {"ok": {"certificates": [CERTIFICATE, revoked]}}

    answer = visitor.request("GET", "/certificates.zip", role="organiser")

    with zipfile.ZipFile(io.BytesIO(answer.content)) as bundle:
        assert bundle.namelist() == [file_name(CERTIFICATE), TABLE]


def test_certificates_are_issued_only_if_every_name_can_be_printed(visitor: Visitor):
    odd = {**CERTIFICATE, "entry": "u2-1", "unit": "王\u0298工会"}
    visitor.town.answers["ranking", "certificates_due"] = {"ok": {"certificates": [CERTIFICATE, odd]}}

    refused = visitor.request("POST", "/certificates", json={}, role="organiser", key="k1")

    assert (refused.status_code, code(refused)) == (409, "certificate-unprintable")
    assert refused.json()["facts"]["names"] == [
        {"entry": "u2-1", "field": "unit", "text": "王\u0298工会", "why": "glyph-missing", "characters": ["U+0298"]}
    ]
    assert "王\u0298工会（U+0298）" in refused.json()["detail_zh"]
    assert visitor.town.calls_to("ranking", "issue_certificates") == []

    visitor.town.answers["ranking", "certificates_due"] = {"ok": {"certificates": [CERTIFICATE]}}
    assert (
        visitor.request("POST", "/certificates", json={"entries": ["u1-1"]}, role="organiser", key="k2").status_code
        == 200
    )
    assert [each["body"] for each in visitor.town.calls_to("ranking", "issue_certificates")] == [{"entries": ["u1-1"]}]


def test_organiser_learns_before_the_issue_which_names_cannot_be_printed(visitor: Visitor):
    named = {name: CERTIFICATE[name] for name in ("entry", *document.TEXTS)}
    visitor.town.answers["ranking", "certificate_texts"] = {
        "ok": {"certificates": [named, {**named, "title": "\ue000"}]}
    }

    refused = visitor.request("GET", "/certificates/names", role="organiser")
    visitor.town.answers["ranking", "certificate_texts"] = {"ok": {"certificates": [named]}}
    sound = visitor.request("GET", "/certificates/names", role="organiser")

    assert code(refused) == "certificate-unprintable"
    assert [each["why"] for each in refused.json()["facts"]["names"]] == ["private-characters"]
    assert sound.json() == {"printable": 1}


def test_archive_is_refused_with_the_names_rather_than_printed_with_boxes(visitor: Visitor):
    visitor.town.answers["ranking", "certificates"] = {"ok": {"certificates": [{**CERTIFICATE, "title": "\U0001f477"}]}}

    assert code(visitor.request("GET", "/certificates.zip", role="organiser")) == "certificate-unprintable"
