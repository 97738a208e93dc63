import { openMetrics } from './exposition.js';

describe('openMetrics', () => {
  it('names the family of a counter without _total, and its samples with it', () => {
    const text = '# HELP a_total Of a_total.\n# TYPE a_total counter\na_total{x="1"} 2\n';
    expect(openMetrics(text)).toBe('# HELP a Of a_total.\n# TYPE a counter\na_total{x="1"} 2\n# EOF\n');
  });

  it('leaves a gauge its name', () => {
    const text = '# HELP a_total A.\n# TYPE a_total gauge\na_total 2\n';
    expect(openMetrics(text)).toBe(`${text}# EOF\n`);
  });

  it('has no empty lines, and bounds of buckets as numbers with a point', () => {
    const text = 'h_bucket{le="1"} 1\nh_bucket{le="2.5"} 1\nh_bucket{le="+Inf"} 1\n\ng{scale="1"} 1\n';
    expect(openMetrics(text)).toBe(
      'h_bucket{le="1.0"} 1\nh_bucket{le="2.5"} 1\nh_bucket{le="+Inf"} 1\ng{scale="1"} 1\n# EOF\n',
    );
  });
});
