import fc from '../../test/support/seeded-fast-check.js';
import { Problem } from './problem.js';
import { decodePairs, quote } from './url-encoding.js';

/** Bytes of a request target, one character each, as Node gives them. */
const target = (text: string): string => Buffer.from(text).toString('latin1');

describe('decodePairs', () => {
  it('reads what URLSearchParams writes', () => {
    const text = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text)), (pairs) => {
        // A pair without a name and a value is written as `=`.
        expect(decodePairs(new URLSearchParams(pairs).toString())).toEqual(pairs);
      }),
      { numRuns: 500 },
    );
  });

  it('reads what was written with encodeURIComponent', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(decodePairs(`a=${encodeURIComponent(text)}`)).toEqual([['a', text]]);
      }),
    );
  });

  it('throws nothing but 400, and agrees with URLSearchParams on all that is valid', () => {
    const bytes = fc.string({ unit: fc.constantFrom(...'a=&+%2fC3A9e;?[]#\u0080\u00c3\u00a9\u00ff'.split('')) });
    fc.assert(
      fc.property(bytes, (text) => {
        let pairs;
        try {
          pairs = decodePairs(text);
        } catch (error) {
          expect(error).toBeInstanceOf(Problem);
          expect((error as Problem).status).toBe(400);
          return;
        }
        const escaped = text.replace(/[\u0080-\u00ff]/g, (byte) => `%${byte.charCodeAt(0).toString(16)}`);
        expect(pairs).toEqual([...new URLSearchParams(`&${escaped}`)]);
      }),
      { numRuns: 2000 },
    );
  });

  it.each<[string, [string, string][]]>([
    ['', []],
    ['&&', []],
    ['a', [['a', '']]],
    ['a=', [['a', '']]],
    ['=b', [['', 'b']]],
    ['a=b=c', [['a', 'b=c']]],
    [
      'a=1&a=2',
      [
        ['a', '1'],
        ['a', '2'],
      ],
    ],
    ['a=x+y%2Bz', [['a', 'x y+z']]],
    ['a%5Bb%5d=c', [['a[b]', 'c']]],
    ['a=?b', [['a', '?b']]],
    ['a=b;c=d', [['a', 'b;c=d']]],
    ['a=%00', [['a', '\0']]],
    ['a=%EF%BB%BFb', [['a', '\ufeffb']]],
    [target('naïve=é😀'), [['naïve', 'é😀']]],
    [target('a=é%C3%A9+'), [['a', 'éé ']]],
    ['__proto__=1', [['__proto__', '1']]],
  ])('%j', (text, pairs) => {
    expect(decodePairs(text)).toEqual(pairs);
  });

  it.each([
    ['a=%', '"a": a percent sign'],
    ['a=%4', '"a": a percent sign'],
    ['user=50%25%', '"user": a percent sign'],
    ['a=%zz', '"a": a percent sign'],
    ['a=%u0041', '"a": a percent sign'],
    ['%=1', 'the name of a parameter: a percent sign'],
    ['a=%ff', '"a": its bytes are not valid UTF-8'],
    ['a=%C3', '"a": its bytes are not valid UTF-8'],
    ['a=%ED%A0%80', '"a": its bytes are not valid UTF-8'],
    ['a=%C0%80', '"a": its bytes are not valid UTF-8'],
    ['a=\u00e9', '"a": its bytes are not valid UTF-8'],
    ['%ff=1', 'the name of a parameter: its bytes are not valid UTF-8'],
  ])('refuses %j', (text, message) => {
    expect(() => decodePairs(text)).toThrow(message);
    expect(() => decodePairs(`b=1&${text}&c=2`)).toThrow(message);
  });
});

describe('quote', () => {
  it('puts in quotes, without line breaks or control characters', () => {
    expect(quote('a"b\n\u001b[31m')).toBe('"a\\"b\\n\\u001b[31m"');
  });

  it('cuts what is long', () => {
    expect(quote('x'.repeat(60))).toBe(`"${'x'.repeat(60)}"`);
    expect(quote('x'.repeat(61))).toBe(`"${'x'.repeat(57)}…"`);
  });

  it('never leaves half a surrogate pair, which no UTF-8 body can hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-composite', minLength: 55, maxLength: 80 }), (text) => {
        expect((JSON.parse(quote(text)) as string).isWellFormed()).toBe(true);
      }),
    );
  });
});
