import { describe, expect, it } from 'vitest';
import { sharedFolder } from '../helpers/temporary-folder.js';
import { builtinTool, callTool } from './builtin.js';
import { toolContext } from './tool-context.js';

const folder = sharedFolder();

async function calculate(...expressions: string[]): Promise<string> {
  const tool = await builtinTool('calculate', folder);
  const results = await Promise.all(expressions.map((expression) => callTool(tool, { expression })));
  return `\n${expressions.map((expression, index) => `${expression} → ${results[index]}`).join('\n')}`;
}

describe('calculate', () => {
  it('is exact in decimals and large numbers', async () => {
    expect(await calculate('0.1 + 0.2', '0.1 + 0.2 == 0.3', '1.10 * 3', '1/3', '2^100', '12345678901234567890.12 * 3'))
      .toMatchInlineSnapshot(`
        "
        0.1 + 0.2 → 0.3
        0.1 + 0.2 == 0.3 → true
        1.10 * 3 → 3.3
        1/3 → 0.33333333333333333333
        2^100 → 1267650600228229401496703205376
        12345678901234567890.12 * 3 → 37037036703703703670.36"
      `);
  });

  it('knows percents, units, lists, matrices, complex numbers and functions', async () => {
    expect(
      await calculate(
        '80 + 15%',
        '15% * 80',
        '5 km to mile',
        '20 degC to degF',
        'mean(1, 2, 4)',
        '[1,2;3,4] * [1;1]',
        '1e-7',
        'sqrt(-4)',
        'sin(30 deg)',
        'log(8, 2)',
        'combinations(5, 2)',
        'erf(0.5)',
        'bin(10)',
        '[5, 6][2]',
        '100!',
      ),
    ).toMatchInlineSnapshot(`
      "
      80 + 15% → 92
      15% * 80 → 12
      5 km to mile → 3.1068559611866698481 mile
      20 degC to degF → 68 degF
      mean(1, 2, 4) → 2.3333333333333333333
      [1,2;3,4] * [1;1] → [[3], [7]]
      1e-7 → 0.0000001
      sqrt(-4) → 2i
      sin(30 deg) → 0.5
      log(8, 2) → 3
      combinations(5, 2) → 10
      erf(0.5) → 0.520499877813047
      bin(10) → 0b1010
      [5, 6][2] → 6
      100! → 9.3326215443944152682e+157"
    `);
  });

  it('says in words what it cannot calculate', async () => {
    expect(await calculate('', '2 +', '1,000 * 3', 'revenue * 2', 'foo(3)', '1 / 0', '9^9^9^9', 'sqrt', '"a" + 1'))
      .toMatchInlineSnapshot(`
        "
         → refused: the expression is empty
        2 + → refused: Unexpected end of expression (char 4); write it like 2 * (3 + 4) / 5, with a point for decimals and no commas in numbers
        1,000 * 3 → refused: Unexpected operator , (char 2); write it like 2 * (3 + 4) / 5, with a point for decimals and no commas in numbers
        revenue * 2 → refused: revenue is neither a number, a unit nor a function; put its value in its place
        foo(3) → refused: Undefined function foo
        1 / 0 → refused: it has no finite value: something is divided by zero, or the number is too large
        9^9^9^9 → refused: it has no finite value: something is divided by zero, or the number is too large
        sqrt → refused: it gives no value; calculate one
        "a" + 1 → refused: Cannot convert "a" to a number"
      `);
    const long = await callTool(await builtinTool('calculate', folder), { expression: '1+'.repeat(2000) });
    expect(long).toBe('refused: the expression has more than 2000 characters; calculate in parts');
  });

  it('runs no code, and gives the same every time', async () => {
    expect(
      await calculate(
        'a = 3',
        'f(x) = x',
        '1; 2',
        '{a: 1}',
        '"a".constructor',
        '[].constructor("x")',
        'cos.constructor("x")()',
        'evaluate("1")',
        'parse("1")',
        'import({a: 1})',
        'createUnit("foo")',
        'simplify("x")',
        'config()',
        'chain(3)',
        'map([1], sqrt)',
        'random()',
        'import',
        'typed("f", sqrt)',
      ),
    ).toMatchInlineSnapshot(`
      "
      a = 3 → refused: nothing can be assigned; put the value itself into the expression
      f(x) = x → refused: nothing can be assigned; put the value itself into the expression
      1; 2 → refused: only one expression at a time
      {a: 1} → refused: objects and properties cannot be used; use numbers, lists, units and functions
      "a".constructor → refused: objects and properties cannot be used; use numbers, lists, units and functions
      [].constructor("x") → refused: objects and properties cannot be used; use numbers, lists, units and functions
      cos.constructor("x")() → refused: Value expected (char 22); write it like 2 * (3 + 4) / 5, with a point for decimals and no commas in numbers
      evaluate("1") → refused: evaluate cannot be used here
      parse("1") → refused: parse cannot be used here
      import({a: 1}) → refused: import cannot be used here
      createUnit("foo") → refused: createUnit cannot be used here
      simplify("x") → refused: simplify cannot be used here
      config() → refused: config cannot be used here
      chain(3) → refused: chain cannot be used here
      map([1], sqrt) → refused: map cannot be used here
      random() → refused: random cannot be used here
      import → refused: import cannot be used here
      typed("f", sqrt) → refused: typed cannot be used here"
    `);
  });

  it('is stopped when the run is', async () => {
    const tool = await builtinTool('calculate', folder);
    const controller = new AbortController();
    const endless = tool.execute({ expression: 'ones(1e9)' }, toolContext({ signal: controller.signal }));
    setTimeout(() => controller.abort(new Error('stopped')), 200);
    await expect(endless).rejects.toThrow('stopped');
    expect(await callTool(tool, { expression: '1 + 1' })).toBe('2');
  });

  it('tells the model little', async () => {
    const { description, parameters, effects, isOutside, isCacheable, timeoutMs } = await builtinTool(
      'calculate',
      folder,
    );
    expect(JSON.stringify({ description, parameters }).length).toBeLessThan(400);
    expect({ effects, isOutside, isCacheable, timeoutMs }).toEqual({ effects: 'none', timeoutMs: 10_000 });
  });
});
