/** Something that is a secret by its form, wherever it stands. */
export interface SecretForm {
  /** Found in every text that `pattern` matches: a cheap look before the pattern is tried. */
  readonly marker: string;
  /** Global. */
  readonly pattern: RegExp;
  /** For `String.replace`. */
  readonly replacement: string;
}

/**
 * The known forms, the special before the general. Each asks for so many characters, and for a digit among them where
 * words could pass, that names such as `sk-learn` or `hf_transfer` stay. Order and length as the vendors document them,
 * or as their keys are.
 */
export const SECRET_FORMS: readonly SecretForm[] = [
  key('anthropic-key', 'sk-ant-', String.raw`(?=[\w-]*\d)[\w-]{20,}`),
  key('openrouter-key', 'sk-or-', String.raw`(?=[\w-]*\d)[\w-]{32,}`),
  key(
    'openai-key',
    'sk-',
    String.raw`(?:(?:proj|svcacct|admin)-(?=[\w-]*\d)[\w-]{20,}|(?=[A-Za-z0-9]*\d)[A-Za-z0-9]{20,})`,
  ),
  key('google-key', 'AIza', String.raw`[\w-]{35}(?![\w-])`),
  key('groq-key', 'gsk_', String.raw`(?=[A-Za-z]*\d)[A-Za-z0-9]{32,}`),
  key('xai-key', 'xai-', String.raw`(?=[A-Za-z]*\d)[A-Za-z0-9]{32,}`),
  key('huggingface-key', 'hf_', '[A-Za-z0-9]{30,}'),
  key('github-token', 'github_pat_', String.raw`\w{22,}`),
  ...['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'].map((start) => key('github-token', start, '[A-Za-z0-9]{36,}')),
  key('aws-key', 'AKIA', '[A-Z0-9]{16}(?![A-Za-z0-9])'),
  key('aws-key', 'ASIA', '[A-Z0-9]{16}(?![A-Za-z0-9])'),
  {
    marker: 'earer ',
    pattern: /\b([Bb]earer +)(?=[\w.~+/-]*\d)[\w.~+/-]{16,}=*/g,
    replacement: '$1[redacted:bearer-token]',
  },
  {
    marker: '://',
    pattern: /(:\/\/[^\s/?#:@"'<>[\]]{0,256}:)[^\s/?#@"'<>[\]]{1,512}(?=@)/g,
    replacement: '$1[redacted:password]',
  },
  {
    marker: '=',
    // A key in the query of a URL; what a value of that length without a digit would be is a word.
    pattern:
      /([?&](?:api[_-]?key|key|appid|(?:access|auth|refresh)?[_-]?token|(?:client[_-]?)?secret|password|sig|(?:x-(?:amz|goog)-)?signature|x-amz-security-token)=)(?=[^\s&?#"'<>[\]]{0,512}\d)[^\s&?#"'<>[\]]{16,2048}/gi,
    replacement: '$1[redacted:url-key]',
  },
  {
    marker: 'PRIVATE KEY-----',
    // To its end, or, where the text breaks off before it, as far as it looks like Base64.
    pattern:
      /-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----(?:(?:(?!-----BEGIN )[^]){0,32768}?-----END [A-Z ]{0,32}PRIVATE KEY-----|[\w+/=\s\\]*)/g,
    replacement: '[redacted:private-key]',
  },
];

/** Where a secret may begin, by its form, that the text does not have the end of; the text's length where none does. */
export function startOfOpenForm(text: string): number {
  let start = startOfWord(text, text.length);
  // The user name and the password of a URL may have any letters.
  const word = startOf(/\S/, text, start);
  if (text.includes('://', word)) start = word;
  const bearer = text.slice(0, start).search(/\b[Bb]earer +$/);
  if (bearer >= 0) start = bearer;
  const begin = text.lastIndexOf('-----BEGIN ', start);
  return begin < 0 || /-----END [A-Z ]{0,32}-----/.test(text.slice(begin, start)) ? start : begin;
}

/** Start of the characters of one kind that a place in a text follows; the place where it follows none. */
function startOf(kind: RegExp, text: string, place: number): number {
  let start = place;
  while (start > 0 && kind.test(text[start - 1] as string)) start -= 1;
  return start;
}

/** Start of the word that a place in a text is in: no key that begins before it goes on after it. */
export function startOfWord(text: string, place: number): number {
  return startOf(/[!-~]/, text, place);
}

/** A key that begins with `start`; the rest of its pattern follows. Inside a longer word it is not a key. */
function key(name: string, start: string, rest: string): SecretForm {
  const pattern = new RegExp(String.raw`${start}(?<![\w-]${start})${rest}`, 'g');
  return { marker: start, pattern, replacement: `[redacted:${name}]` };
}
