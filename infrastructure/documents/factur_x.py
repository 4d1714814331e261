"""The words by which a PDF says that it is a Factur-X invoice, which Typst cannot write by itself.

They stand in its metadata (XMP), together with what they mean, as PDF/A wants it. The PDF stays, byte
for byte; the metadata are appended once more, as an update of the file: ISO 32000-1, 7.5.6.
"""

import re

FILENAME = "factur-x.xml"
_PROPERTIES = {
    "DocumentType": ("INVOICE", "The type of the document"),
    "DocumentFileName": (FILENAME, "The name of the embedded XML document"),
    "Version": ("1.0", "The version of the standard that applies to the embedded XML document"),
    "ConformanceLevel": ("EN 16931", "The conformance level of the embedded XML document"),
}
_NAMESPACE = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
_VALUES = "".join(f"<fx:{name}>{value}</fx:{name}>" for name, (value, _) in _PROPERTIES.items())
_SAID = f'<rdf:Description rdf:about="" xmlns:fx="{_NAMESPACE}">{_VALUES}</rdf:Description>'
_RESOURCE = '<rdf:li rdf:parseType="Resource">'
_DESCRIBED = "".join(
    f"{_RESOURCE}<pdfaProperty:name>{name}</pdfaProperty:name>"
    "<pdfaProperty:valueType>Text</pdfaProperty:valueType>"
    "<pdfaProperty:category>external</pdfaProperty:category>"
    f"<pdfaProperty:description>{meaning}</pdfaProperty:description></rdf:li>"
    for name, (_, meaning) in _PROPERTIES.items()
)
_SCHEMA = (
    f"{_RESOURCE}<pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>"
    f"<pdfaSchema:namespaceURI>{_NAMESPACE}</pdfaSchema:namespaceURI><pdfaSchema:prefix>fx</pdfaSchema:prefix>"
    f"<pdfaSchema:property><rdf:Seq>{_DESCRIBED}</rdf:Seq></pdfaSchema:property></rdf:li>"
)
# Typst's own: there must be one bag of schemas, so ours joins it.
_END_OF_SCHEMAS, _END_OF_XMP = "</rdf:Bag></pdfaExtension:schemas>", "</rdf:RDF>"
_METADATA = re.compile(rb"(\d+) 0 obj\n<</Length (\d+)/Type/Metadata/Subtype/XML>>\nstream\n")
_ENDING = re.compile(rb"trailer\n<<(.*)>>\nstartxref\n(\d+)\n%%EOF\s*$")
_BEFORE = 40  # more characters than there are in a match before the words that it is found by


def declared(pdf: bytes) -> bytes:
    """*pdf*, as Typst made it with the XML attached, declared as Factur-X; always the same bytes.

    Raises:
        ValueError: Typst writes its files in another way than it did; nothing may be guessed then.
    """
    stream = _last(b"/Type/Metadata/Subtype/XML", _METADATA, pdf)
    number, length = stream[1].decode(), int(stream[2])
    xmp = _extended(pdf[stream.end() : stream.end() + length].decode()).encode()
    ending = _last(b"trailer\n", _ENDING, pdf)
    metadata = f"{number} 0 obj\n<</Length {len(xmp)}/Type/Metadata/Subtype/XML>>\nstream\n".encode()
    update = metadata + xmp + b"\nendstream\nendobj\n"
    start = len(pdf) + 1
    table = f"xref\n{number} 1\n{start:010} 00000 n\r\n".encode()
    trailer = b"trailer\n<<" + ending[1] + b"/Prev " + ending[2] + b">>\n"
    tail = f"startxref\n{start + len(update)}\n%%EOF\n".encode()
    return pdf + b"\n" + update + table + trailer + tail


def _extended(xmp: str) -> str:
    if xmp.count(_END_OF_SCHEMAS) != 1 or xmp.count(_END_OF_XMP) != 1:
        raise ValueError("the PDF's metadata are not laid out as Typst lays them out")
    return xmp.replace(_END_OF_SCHEMAS, _SCHEMA + _END_OF_SCHEMAS).replace(_END_OF_XMP, _SAID + _END_OF_XMP)


def _last(words: bytes, pattern: re.Pattern[bytes], pdf: bytes) -> re.Match[bytes]:
    """The last of its matches, found by *words* in it: an attachment before it may say whatever it likes."""
    found = pattern.search(pdf, max(pdf.rfind(words) - _BEFORE, 0))
    if not found:
        raise ValueError("the PDF is not laid out as Typst lays it out")
    return found
