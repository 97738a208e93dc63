import { byteSize } from './byte-size.js';

describe('byteSize', () => {
  it.each([
    ['1KiB', 1024],
    ['64MiB', 67_108_864],
    ['1GiB', 1_073_741_824],
    ['0GiB', 0],
  ])('%s is %d', (text, bytes) => {
    expect(byteSize(text)).toBe(bytes);
  });

  it.each(['', '1', '1GB', '1G', '1 GiB', '1gib', '1.5GiB', '-1GiB', '1TiB', '1234567KiB', '1GiB\n', '٣MiB'])(
    '%j is none',
    (text) => {
      expect(byteSize(text)).toBeNull();
    },
  );
});
