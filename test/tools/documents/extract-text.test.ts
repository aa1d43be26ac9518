import { describe, expect, it } from 'vitest';
import { extractText } from '../../../src/tools/documents/extract-text.js';
import type { DocumentKind } from '../../../src/tools/documents/document-kind.js';
import { messageOf } from '../../../src/errors.js';
import { createDocx, createPdf, createPdfBomb, paragraph } from './sample-documents.js';

const never = new AbortController().signal;
const LIMITS = { timeoutMs: 20_000, heapMb: 512, growthMb: 1500 };

/** Unpacks to far more than is allowed here. */
const BOMB = createPdfBomb(400);

/** The document's pages, or why there are none. */
async function read(kind: DocumentKind, bytes: Uint8Array, limits: Partial<typeof LIMITS> = {}): Promise<unknown> {
  const job = { kind, bytes: new Uint8Array(bytes) };
  return extractText(job, { name: 'a', signal: never, limits: { ...LIMITS, ...limits } }).then(
    ({ pages, isCut }) => (isCut ? ['cut', ...pages] : pages),
    messageOf,
  );
}

describe('extractText', () => {
  it('gives the text of a PDF by page', async () => {
    expect(await read('pdf', createPdf(['First page\nwith (two) lines', 'Second page', '']))).toEqual([
      'First page\nwith (two) lines',
      'Second page',
      '',
    ]);
  });

  it('gives a DOCX document as Markdown, without its pictures', async () => {
    const cell = (text: string): string => `<w:tc>${paragraph(text)}</w:tc>`;
    const table = `<w:tbl><w:tr>${cell('a')}${cell('b')}</w:tr><w:tr>${cell('1')}${cell('2')}</w:tr></w:tbl>`;
    const document = await createDocx(`${paragraph('Title', 1)}${paragraph('Some &lt;b&gt; text.')}${table}`, {
      'word/styles.xml': `<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/></w:style></w:styles>`,
    });
    const [markdown] = (await read('docx', document)) as [string];
    expect(markdown).toMatchInlineSnapshot(`
      "# Title

      Some <b> text.

      | a | b |
      | --- | --- |
      | 1 | 2 |"
    `);
  });

  it('gives HTML as Markdown, without scripts and styles', async () => {
    const html = '<title>T</title><style>p {}</style><h1>A</h1><p>b <em>c</em></p><script>alert(1)</script>';
    expect(await read('html', Buffer.from(html))).toEqual(['T\n\n# A\n\nb _c_']);
  });

  it('says what is wrong with a broken document', async () => {
    expect(await read('pdf', Buffer.from('%PDF-1.4\nnot really'))).toBe('a is broken, or no PDF file');
    expect(await read('docx', Buffer.from('PK\x03\x04 not really'))).toBe('a is broken, or no DOCX file');
  });

  it('does not unpack an archive of kilobytes that holds gigabytes', async () => {
    const bomb = await createDocx(paragraph('x'), { 'word/media/a.bin': Buffer.alloc(150_000_000) });
    expect(bomb.length).toBeLessThan(1_000_000);
    expect(await read('docx', bomb)).toBe('a unpacks to more than can be read');
  });

  it('reads no entities of a document', async () => {
    const document = await createDocx('', {
      'word/document.xml': `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>${paragraph('&e;')}</w:body></w:document>`,
    });
    expect(JSON.stringify(await read('docx', document))).not.toContain('root:');
  });

  it('ends a document that takes too much memory or time, and reads the next one', async () => {
    expect(await read('pdf', BOMB, { growthMb: 150 })).toBe('a takes too much memory to read');
    expect(await read('pdf', BOMB, { timeoutMs: 100 })).toBe('a takes longer than 100 ms to read');
    expect(await read('pdf', createPdf(['fine']))).toEqual(['fine']);
  });

  it('stops when the call is', async () => {
    const controller = new AbortController();
    const job = { kind: 'pdf' as const, bytes: new Uint8Array(BOMB) };
    const reading = extractText(job, { name: 'a', signal: controller.signal });
    controller.abort(new Error('stopped'));
    await expect(reading).rejects.toThrow('stopped');
    expect(await read('pdf', createPdf(['fine']))).toEqual(['fine']);
  });
});
