import { describe, expect, it } from 'vitest';
import { columnNames, type ColumnType, detectCsvFormat, typeWith } from '../../../src/tools/data/csv-format.js';

const typeOf = (...values: string[]): ColumnType | undefined =>
  values.reduce<ColumnType | undefined>((type, value) => typeWith(type, value), undefined);

describe('typeWith', () => {
  it('takes for numbers only what stays the same as a number', () => {
    expect(typeOf('1', '-20', '0')).toBe('INTEGER');
    expect(typeOf('1', '2.50', '-.5', '0.30000000000000004', '1e-05', '2.5E10')).toBe('REAL');
    for (const text of [
      '007',
      '+49170',
      '1,5',
      '1_000',
      '0x1F',
      '12345678901234567890',
      '1E5',
      '',
      'NaN',
      '1.',
      '1 ',
    ]) {
      expect([text, typeOf('1', text)]).toEqual([text, 'TEXT']);
    }
    expect(typeOf('1.5', '123456789012345678')).toBe('TEXT');
  });
});

describe('columnNames', () => {
  it('makes names that can stand in a statement, each once', () => {
    expect(columnNames(['id', 'ID', ' Order Date (UTC)', '', '2024', 'Größe', 'id_2'])).toEqual([
      'id',
      'ID_2',
      'Order_Date_UTC',
      'column_4',
      '_2024',
      'Größe',
      'id_2_2',
    ]);
  });
});

describe('detectCsvFormat', () => {
  const delimiterOf = (text: string): string => detectCsvFormat(Buffer.from(text), { isWhole: true }).delimiter;

  it('finds what separates the columns in every line', () => {
    expect(delimiterOf('a,b\n1,2\n')).toBe(',');
    expect(delimiterOf('price;note\n1,5;"x, y; z"\n2,5;b\n')).toBe(';');
    expect(delimiterOf('a\tb, c\n1\t2\n')).toBe('\t');
    expect(delimiterOf('word\nother\n')).toBe(',');
    expect(delimiterOf('a,b,c\n1,2\n1\n')).toBe(',');
  });

  it('tells UTF-8, also cut within a character, from older encodings', () => {
    const bytes = Buffer.from('name\nKöln');
    expect(detectCsvFormat(bytes, { isWhole: true }).encoding).toBe('utf8');
    expect(detectCsvFormat(bytes.subarray(0, 7), { isWhole: false }).encoding).toBe('utf8');
    expect(detectCsvFormat(Buffer.from('Köln', 'latin1'), { isWhole: true }).encoding).toBe('latin1');
    expect(detectCsvFormat(Buffer.from('\uFEFFa', 'utf16le'), { isWhole: true }).encoding).toBe('utf16le');
  });
});
