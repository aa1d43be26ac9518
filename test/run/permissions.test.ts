import { describe, expect, it } from 'vitest';
import { checkPermissions, judgeCall } from '../../src/run/permissions.js';
import type { JsonObject } from '../../src/util/json.js';
import { permissionsOf, sampleTool } from '../helpers/sample-tool.js';

type Lists = Parameters<typeof permissionsOf>[0];

/** `allow`, `ask <rule>` or `deny <rule>` for a call of `tool`. */
function judge(lists: Lists, args: JsonObject = {}, tool: { name: string; id?: string } = { name: 'send' }): string {
  const verdict = judgeCall(permissionsOf(lists), { tool, args, workingDirectory: '/home/ann' });
  return 'rule' in verdict ? `${verdict.kind} ${verdict.rule}` : verdict.kind;
}

describe('the rules for calls', () => {
  it('allow what no rule names, but nothing beside a list of what is allowed', () => {
    expect(judge({})).toBe('allow');
    expect(judge({ ask: ['other'], deny: ['another'] })).toBe('allow');
    expect(judge({ allow: ['other'] })).toBe('deny undefined');
    expect(judge({ allow: [] })).toBe('deny undefined');
    expect(judge({ allow: ['other', 'se*'] })).toBe('allow');
  });

  it('name a tool by its name or its id, with * for any characters', () => {
    const tool = { name: 'files_read', id: 'mcp:files/read' };
    for (const rule of ['files_read', 'mcp:files/read', 'mcp:files/*', 'mcp:*', 'files*', '*']) {
      expect(judge({ deny: [rule] }, {}, tool)).toBe(`deny ${rule}`);
    }
    for (const rule of ['read', 'mcp:files', 'mcp:file/*', 'Files_read']) {
      expect(judge({ deny: [rule] }, {}, tool)).toBe('allow');
    }
  });

  it('deny before anything else, then the rule with an argument counts, then asking', () => {
    const args = { to: 'ann' };
    expect(judge({ deny: ['send'], allow: ['send(to=ann)'], ask: ['send(to=ann)'] }, args)).toBe('deny send');
    expect(judge({ allow: ['send(to=ann)'], ask: ['send'] }, args)).toBe('allow');
    expect(judge({ allow: ['send(to=ann)'], ask: ['send'] }, { to: 'bob' })).toBe('ask send');
    expect(judge({ allow: ['send'], ask: ['send(to=a*)'] }, args)).toBe('ask send(to=a*)');
    expect(judge({ allow: ['send'], ask: ['send(to=a*)'] }, { to: 'bob' })).toBe('allow');
    expect(judge({ allow: ['send'], ask: ['send'] }, args)).toBe('ask send');
    expect(judge({ allow: ['send(to=ann)'], ask: ['send(to=a*)'] }, args)).toBe('ask send(to=a*)');
  });

  it('do not hold for an argument that is left out', () => {
    expect(judge({ deny: ['send(to=*)'] })).toBe('allow');
    expect(judge({ allow: ['send(to=*)'] })).toBe('deny undefined');
    expect(judge({ allow: ['send(to=*)'] }, { to: null })).toBe('deny undefined');
    expect(judge({ allow: ['send(toString=*)'] })).toBe('deny undefined');
  });

  it('compare numbers, truth values and objects as JSON', () => {
    expect(judge({ allow: ['send(count=3)'] }, { count: 3 })).toBe('allow');
    expect(judge({ allow: ['send(count=3)'] }, { count: 30 })).toBe('deny undefined');
    expect(judge({ deny: ['send(all=true)'] }, { all: true })).toBe('deny send(all=true)');
    expect(judge({ deny: ['send(to=*"ann"*)'] }, { to: { name: 'ann' } })).toBe('deny send(to=*"ann"*)');
  });

  it.each([
    'out/a.md',
    './out/a.md',
    'out//a.md',
    'out/b/../a.md',
    '/home/ann/out/a.md',
    'out/a/b/c.md',
    'x/../out/a.md',
  ])('allow the path %s below out', (path) => {
    expect(judge({ allow: ['send(path=out/**)'] }, { path })).toBe('allow');
    expect(judge({ allow: ['send(path=./out/**)'] }, { path })).toBe('allow');
  });

  it.each([
    'out/../secret.md',
    'out/../../etc/passwd',
    'out/./../secret.md',
    String.raw`out\..\secret.md`,
    'out/..',
    '/out/a.md',
    '/home/ann/out/../secret.md',
    ' out/a.md',
    'OUT/a.md',
    'outside/a.md',
    '../out/a.md',
  ])('do not take the path %s for one below out', (path) => {
    expect(judge({ allow: ['send(path=out/**)'] }, { path })).toBe('deny undefined');
  });

  it.each([
    'secret/a.md',
    './secret/a.md',
    'secret//a.md',
    'out/../secret/a.md',
    String.raw`out\..\secret\a.md`,
    '/home/ann/secret/a.md',
    '/home/ann/out/../secret/a.md',
    '../crew/secret/a.md',
    'SECRET/a.md',
    ' secret/a.md',
    'secret/../secret/a.md',
    // Where the tool's own folder is docs.
    '../docs/secret/a.md',
    '/home/ann/docs/secret/a.md',
  ])('deny the path %s below secret', (path) => {
    expect(judge({ deny: ['send(path=secret/**)'] }, { path })).toBe('deny send(path=secret/**)');
  });

  it.each(['secret/a.md', './secret/a.md', '/home/ann/secret/a.md', 'x/../secret/a.md'])(
    'deny the path %s however the rule is written',
    (path) => {
      for (const rule of ['send(path=./secret/*)', 'send(path=/home/ann/secret/*)', 'send(path=secret/a.md)']) {
        expect(judge({ deny: [rule] }, { path })).toBe(`deny ${rule}`);
      }
    },
  );

  it('see an address as it is reached', () => {
    const allow = ['send(url=https://example.com/*)'];
    const verdict = (url: string): string => judge({ allow }, { url });
    expect(verdict('https://example.com/a')).toBe('allow');
    expect(verdict('HTTPS://EXAMPLE.com:443/a')).toBe('allow');
    expect(judge({ allow: ['send(url=https://example.com)'] }, { url: 'https://example.com' })).toBe('allow');
    for (const url of [
      'https://example.com.evil.org/a',
      'https://example.com@evil.org/',
      'https://example.com:x@evil.org/a',
      'http://example.com/a',
      String.raw`https:\\evil.org\https://example.com/`,
      'https://',
    ]) {
      expect(verdict(url)).toBe('deny undefined');
    }
    expect(
      judge({ allow: ['send(url=https://example.com/docs/*)'] }, { url: 'https://example.com/docs/%2e%2e/a' }),
    ).toBe('deny undefined');
    for (const url of [
      'https://evil.org/a',
      'https://EVIL.org./a',
      'https://ann:x@evil.org/a',
      ' https://evil.org/a',
    ]) {
      expect(judge({ deny: ['send(url=https://evil.org/*)'] }, { url })).toBe('deny send(url=https://evil.org/*)');
    }
  });

  it('want each value of a list to fit, or all joined where the pattern has a space; one is enough to be denied', () => {
    const verdict = (pattern: string, values: readonly string[]): string =>
      judge({ allow: [`send(args=${pattern})`] }, { args: [...values] });
    expect(verdict('out/**', ['out/a', 'out/b'])).toBe('allow');
    expect(verdict('out/**', ['out/a', '/etc/passwd'])).toBe('deny undefined');
    expect(verdict('out/**', ['out/a', '../secret'])).toBe('deny undefined');
    expect(verdict('log *', ['log', '-n', '1'])).toBe('allow');
    expect(verdict('log *', ['push', '--force'])).toBe('deny undefined');
    expect(verdict('log', ['log'])).toBe('allow');
    expect(verdict('log', [])).toBe('deny undefined');
    expect(verdict('*', [])).toBe('allow');
    const deny = ['send(args=*--force*)', 'send(args=push origin*)'];
    expect(judge({ deny }, { args: ['push', '--force'] })).toBe('deny send(args=*--force*)');
    expect(judge({ deny }, { args: ['push', 'origin', 'main'] })).toBe('deny send(args=push origin*)');
    expect(judge({ deny: ['send(args=secret/*)'] }, { args: ['out/a', 'out/../secret/a'] })).toBe(
      'deny send(args=secret/*)',
    );
  });

  it('take any characters for *, line breaks too', () => {
    expect(judge({ deny: ['send(text=*password*)'] }, { text: 'the\nPassword\nis' })).toBe(
      'deny send(text=*password*)',
    );
    expect(judge({ allow: ['send(text=a.c)'] }, { text: 'abc' })).toBe('deny undefined');
  });

  it('do not take long for a long text', () => {
    const startedAt = performance.now();
    judge({ deny: [`send(text=${'*a'.repeat(50)}*b)`] }, { text: 'a'.repeat(1_000_000) });
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });
});

describe('checkPermissions', () => {
  const tools = [sampleTool(), sampleTool({ name: 'any', parameters: { type: 'object' } })];

  it('refuses a rule about an argument that its tool does not have: it would never hold', () => {
    expect(() => checkPermissions(permissionsOf({ deny: ['send(too=x)'] }), tools)).toThrow(
      expect.objectContaining({
        message: 'permissions: send(too=x): send has no argument "too"',
        hint: 'did you mean "to"?',
      }),
    );
    expect(() => checkPermissions(permissionsOf({ allow: ['send(subject=x)'] }), tools)).toThrow(
      expect.objectContaining({ hint: 'it has to, text' }),
    );
  });

  it('accepts what may hold', () => {
    const lists = { allow: ['send(to=x)'], ask: ['any(thing=x)', '*(text=x)'], deny: ['gone(to=x)', 'send'] };
    expect(() => checkPermissions(permissionsOf(lists), tools)).not.toThrow();
  });
});
