/** Characters that are looked at together: a run of one character takes the library a time that grows with its square. */
const SLICE_CHARACTERS = 1000;

/** Counts tokens as o200k_base does, which OpenAI's models use; those of other providers come near. */
export interface Tokenizer {
  /** Tokens of the text, in long texts up to one in 200 too many. */
  count(text: string): number;
  /** Length of the longest beginning with at most so many tokens, between characters. */
  beginningOf(text: string, tokens: number): number;
  /** Where the longest end with at most so many tokens begins, between characters. */
  endingOf(text: string, tokens: number): number;
}

/** The most tokens that a text can have: its bytes, as none is shorter. Costs next to nothing. */
export function mostTokens(text: string): number {
  return Buffer.byteLength(text);
}

let loading: Promise<Tokenizer> | undefined;

/** The tokenizer, whose table takes 0.2 s to load: to be asked for only where `mostTokens` does not decide. */
export function loadTokenizer(): Promise<Tokenizer> {
  loading ??= createTokenizer();
  return loading;
}

async function createTokenizer(): Promise<Tokenizer> {
  const { countTokens } = await import('gpt-tokenizer/encoding/o200k_base');
  // What looks like one of the model's own marks is text here.
  const options = { disallowedSpecial: new Set<string>() };
  const countIn = (slice: string): number => countTokens(slice, options);
  /** Characters of the slices, from the first on, that have at most so many tokens. `part` gives a part of a slice by its length. */
  const lengthWithin = (slices: readonly string[], tokens: number, part: (slice: string, length: number) => string) => {
    let left = tokens;
    let length = 0;
    for (const slice of slices) {
      const count = countIn(slice);
      if (count > left) return length + longest(slice.length, (size) => countIn(part(slice, size)) <= left);
      left -= count;
      length += slice.length;
    }
    return length;
  };
  return {
    count: (text) => slicesOf(text).reduce((sum, slice) => sum + countIn(slice), 0),
    beginningOf(text, tokens) {
      const length = lengthWithin(slicesOf(text), tokens, (slice, size) => slice.slice(0, size));
      return isWithinCharacter(text, length) ? length - 1 : length;
    },
    endingOf(text, tokens) {
      const slices = slicesOf(text).toReversed();
      const start = text.length - lengthWithin(slices, tokens, (slice, size) => slice.slice(slice.length - size));
      return isWithinCharacter(text, start) ? start + 1 : start;
    },
  };
}

/** The largest size from 0 up to `most` that fits, where every smaller one does too. */
function longest(most: number, fits: (size: number) => boolean): number {
  let low = 0;
  let high = most;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

function slicesOf(text: string): string[] {
  const slices: string[] = [];
  for (let start = 0, end = 0; start < text.length; start = end) {
    end = start + SLICE_CHARACTERS;
    if (isWithinCharacter(text, end)) end += 1;
    slices.push(text.slice(start, end));
  }
  return slices;
}

/** True between the two halves of a character that UTF-16 writes in two. */
function isWithinCharacter(text: string, index: number): boolean {
  return /[\uD800-\uDBFF]/.test(text.charAt(index - 1)) && /[\uDC00-\uDFFF]/.test(text.charAt(index));
}
