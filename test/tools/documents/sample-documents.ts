import { constants, deflateRawSync, deflateSync } from 'node:zlib';
import JSZip from 'jszip';

/** A PDF with one page for each text; a line of the text is a line of the page. */
export function createPdf(pages: readonly string[]): Buffer {
  return assemblePdf(
    pages.map((page) => {
      const lines = page.split('\n').map((line) => `(${line.replaceAll(/[()\\]/g, '\\$&')}) Tj T*`);
      return { data: Buffer.from(`BT /F1 12 Tf 14 TL 72 720 Td ${lines.join(' ')} ET`, 'latin1'), filter: '' };
    }),
  );
}

const BLOCK_MEGABYTES = 10;

/** A small PDF whose only page unpacks to that many megabytes, a multiple of ten. */
export function createPdfBomb(megabytes: number): Buffer {
  const block = deflateRawSync(Buffer.alloc(BLOCK_MEGABYTES * 1024 ** 2, ' '), { finishFlush: constants.Z_FULL_FLUSH });
  const blocks = Array.from({ length: megabytes / BLOCK_MEGABYTES }, () => block);
  const packed = Buffer.concat([Buffer.from([0x78, 0x9c]), ...blocks, deflateRawSync(''), Buffer.alloc(4)]);
  return assemblePdf([{ data: deflateSync(packed), filter: '/Filter [/FlateDecode /FlateDecode]' }]);
}

function assemblePdf(pages: readonly { readonly data: Buffer; readonly filter: string }[]): Buffer {
  const numberOf = (index: number): number => 4 + index * 2;
  const objects = [
    Buffer.from('<< /Type /Catalog /Pages 2 0 R >>'),
    Buffer.from(
      `<< /Type /Pages /Count ${pages.length} /Kids [${pages.map((_page, index) => `${numberOf(index)} 0 R`).join(' ')}] >>`,
    ),
    Buffer.from('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>'),
    ...pages.flatMap(({ data, filter }, index) => [
      Buffer.from(
        `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> /Contents ${numberOf(index) + 1} 0 R >>`,
      ),
      Buffer.concat([
        Buffer.from(`<< /Length ${data.length} ${filter} >>\nstream\n`),
        data,
        Buffer.from('\nendstream'),
      ]),
    ]),
  ];
  const parts = [Buffer.from('%PDF-1.4\n')];
  const offsets: number[] = [];
  let offset = 9;
  for (const [index, object] of objects.entries()) {
    const part = Buffer.concat([Buffer.from(`${index + 1} 0 obj\n`), object, Buffer.from('\nendobj\n')]);
    offsets.push(offset);
    offset += part.length;
    parts.push(part);
  }
  const entries = offsets.map((place) => `${String(place).padStart(10, '0')} 00000 n \n`).join('');
  parts.push(
    Buffer.from(
      `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${entries}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${offset}\n%%EOF\n`,
    ),
  );
  return Buffer.concat(parts);
}

/** A DOCX document with that content of its body, in WordprocessingML, and more entries of the archive. */
export async function createDocx(body: string, more: Readonly<Record<string, string | Buffer>> = {}): Promise<Buffer> {
  const archive = new JSZip();
  const files = {
    '[Content_Types].xml': `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/></Types>`,
    '_rels/.rels': `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`,
    'word/document.xml': `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>${body}</w:body></w:document>`,
    ...more,
  };
  for (const [path, content] of Object.entries(files)) archive.file(path, content);
  return archive.generateAsync({ type: 'nodebuffer', compression: 'DEFLATE' });
}

/** A paragraph of a document's body, a heading where a level is given. */
export function paragraph(text: string, headingLevel?: number): string {
  const style = headingLevel === undefined ? '' : `<w:pPr><w:pStyle w:val="Heading${headingLevel}"/></w:pPr>`;
  return `<w:p>${style}<w:r><w:t>${text}</w:t></w:r></w:p>`;
}
