import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { coloursOf } from '../../../node-core/command/terminal/colours.ts'
import { durationOf, ProgressMeter, type ProgressOptions, type ProgressStyle } from '../../../node-core/command/terminal/progress.ts'

const BLOCKS = { label: 'Importing', unit: 'blocks', total: 1000 } as const

function meter(style: ProgressStyle, options: ProgressOptions = BLOCKS, columns = 80): { clock: FakeClock; written: string[]; progress: ProgressMeter } {
  const clock = new FakeClock(1_000_000)
  const written: string[] = []
  return { clock, written, progress: new ProgressMeter(clock, { style, columns, colours: coloursOf(false), write: (text) => void written.push(text) }, options) }
}

describe('progress', () => {
  it('on a terminal is a bar with speed and time left, drawn over itself ten times a second at the most', () => {
    const { clock, written, progress } = meter('bar')
    progress.at(0)
    clock.advance(2_000)
    progress.at(250)
    clock.advance(99)
    progress.at(260)
    clock.advance(1)
    progress.at(263)
    progress.end()
    progress.end()
    expect(written).toEqual([
      '\rImporting ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░ 0 of 1000 blocks\x1b[K',
      '\rImporting ███████░░░░░░░░░░░░░░░░░░░░░░░░ 250 of 1000 blocks, 125/s, 6 s left\x1b[K',
      '\rImporting ████████░░░░░░░░░░░░░░░░░░░░░░░ 263 of 1000 blocks, 125/s, 6 s left\x1b[K',
      '\rImporting ████████░░░░░░░░░░░░░░░░░░░░░░░ 263 of 1000 blocks, 125/s, 6 s left\x1b[K',
      '\n',
    ])
  })

  it('piped is a plain line every five seconds, and a last one', () => {
    const { clock, written, progress } = meter('lines')
    for (let second = 0; second <= 12; second++) {
      progress.at(second * 50)
      clock.advance(1_000)
    }
    progress.at(1000)
    progress.end()
    expect(written).toEqual([
      'Importing: 250 of 1000 blocks, 50/s, 15 s left\n',
      'Importing: 500 of 1000 blocks, 50/s, 10 s left\n',
      'Importing: 1000 of 1000 blocks, 77/s\n',
    ])
  })

  it('for programs is a JSON value a line', () => {
    const { clock, written, progress } = meter('json')
    clock.advance(5_000)
    progress.at(100)
    progress.end()
    const said = { progress: { label: 'Importing', unit: 'blocks', done: 100, total: 1000, perSecond: 20 } }
    expect(written.map((line) => JSON.parse(line) as unknown)).toEqual([said, said])
  })

  it('does not count for the speed what an earlier run did', () => {
    const { clock, written, progress } = meter('lines', { ...BLOCKS, from: 600 })
    clock.advance(10_000)
    progress.at(700)
    expect(written).toEqual(['Importing: 700 of 1000 blocks, 10/s, 30 s left\n'])
  })

  it('says no time left where nobody knows how much there is, and fits into a narrow terminal', () => {
    const { clock, written, progress } = meter('bar', { label: 'Importing', unit: 'blocks', total: undefined }, 20)
    clock.advance(4_000)
    progress.at(10)
    expect(written).toEqual(['\rImporting 10 blocks\x1b[K'])
  })

  it.each([[0.2, '1 s'], [42, '42 s'], [185, '3 min 05 s'], [7_800, '2 h 10 min']])('tells %d seconds as %s', (seconds, text) => {
    expect(durationOf(seconds)).toBe(text)
  })
})
