/** The reader of queries that the test of the dashboard and of the alert rules stands on. */
import { describe, expect, it } from 'vitest'
import { readQuery } from '../../helpers/promql.ts'

describe('readQuery', () => {
  it('finds metrics, matchers and labels among functions, durations and numbers', () => {
    const { selectors, labels } = readQuery('histogram_quantile(0.99, sum by (le, instance) (rate(a_bucket{chain=~"$chain", x!="a,b"}[5m]))) > 6e9 and on (chain) up == 0')
    expect(selectors).toEqual([
      { metric: 'a_bucket', matchers: [{ label: 'chain', operator: '=~', value: '$chain' }, { label: 'x', operator: '!=', value: 'a,b' }] },
      { metric: 'up', matchers: [] },
    ])
    expect(labels).toEqual(['le', 'instance', 'chain'])
    expect(readQuery('a - ignoring(status) b').selectors.map(({ metric }) => metric)).toEqual(['a', 'b'])
    expect(readQuery('time() - start').selectors.map(({ metric }) => metric)).toEqual(['start'])
  })

  it('refuses what is no query', () => {
    expect(() => readQuery('rate(a[5m]')).toThrow('brackets')
    expect(() => readQuery('a{b~"c"}')).toThrow('no matcher')
  })
})
