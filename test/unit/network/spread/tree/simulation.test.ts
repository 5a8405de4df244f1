import { describe, expect, it } from 'vitest'
import { TREE_DEFAULTS } from '../../../../../node-core/network/spread/tree/options.ts'
import { Random } from '../../../../fuzz/random.ts'
import { EventClock } from '../../../../helpers/spreading/event-clock.ts'
import { Internet, Station } from '../../../../helpers/spreading/internet.ts'
import { simulateGossip, simulateTree } from '../../../../helpers/spreading/simulation.ts'

/** A sample of the campaign `tree`, which has 2,000 nodes. */
const SAMPLE = { seed: 1, nodes: 250, silentShare: 0.05, churnPerMinute: 0.1, outPerBucket: 3, warmUp: 6, messages: 6, messageBytes: 64 * 1024, everyMs: 2_000 }

describe('250 nodes, one in ten of which leaves each minute and one in twenty is silent', () => {
  const tree = simulateTree(SAMPLE, TREE_DEFAULTS)

  it('hear of a large message by the tree in time', () => {
    expect(tree.delivered).toBeGreaterThanOrEqual(0.999)
    expect(tree.mean).toBeLessThanOrEqual(600)
    expect(tree.p99).toBeLessThanOrEqual(2_000)
  })

  it('send less than a third of what gossip sends', () => {
    const gossip = simulateGossip(SAMPLE)
    expect(gossip.delivered).toBeGreaterThanOrEqual(0.999)
    expect(tree.copiesPerNode).toBeLessThan(gossip.copiesPerNode / 3)
  })

  it('do the same again with the same seed, and something else with another', () => {
    const few = { ...SAMPLE, nodes: 60, messages: 2 }
    expect(simulateTree(few, TREE_DEFAULTS)).toEqual(simulateTree(few, TREE_DEFAULTS))
    expect(simulateTree({ ...few, seed: 2 }, TREE_DEFAULTS)).not.toEqual(simulateTree(few, TREE_DEFAULTS))
  })

  it('without repair some miss messages', () => {
    const bare = { ...TREE_DEFAULTS, beta: 1, repairRounds: 0 }
    expect(simulateTree({ ...SAMPLE, silentShare: 0.2 }, bare).delivered).toBeLessThan(0.999)
    expect(simulateTree({ ...SAMPLE, silentShare: 0.2 }, TREE_DEFAULTS).delivered).toBeGreaterThanOrEqual(0.999)
  })
})

describe('the simulated internet', () => {
  it('has the delays and lines of its description', () => {
    const random = new Random(5)
    const internet = new Internet(new EventClock(), random)
    const stations = Array.from({ length: 2_000 }, () => new Station(random))
    const delays = stations.slice(1).map((station, i) => internet.delay(station, stations[i] as Station))
    const mean = delays.reduce((sum, each) => sum + each, 0) / delays.length
    expect(Math.abs(mean - 71)).toBeLessThan(5)
    expect(stations.filter(({ up }) => up === 1_250).length / stations.length).toBeCloseTo(0.15, 1)
  })

  it('divides an uplink among those who are sent something, and brings frames in full', () => {
    const clock = new EventClock()
    const random = new Random(5)
    const internet = new Internet(clock, random)
    const [a, b, c] = [new Station(random), new Station(random), new Station(random)]
    const arrivals = new Map<string, number>()
    for (const [name, to] of Object.entries({ b, c })) internet.send(a, { to, payload: 1_000_000, arrive: () => arrivals.set(name, clock.now()) })
    clock.runUntil(60_000)
    const alone = 1_000_000 / a.up
    for (const at of arrivals.values()) expect(at).toBeGreaterThan(1.8 * alone)
    expect(a.bytesSent).toBeGreaterThan(2_000_000)
    expect(a.bytesSent).toBeLessThan(2_100_000)
  })

  it('loses what is sent to, or by, who has left', () => {
    const clock = new EventClock()
    const random = new Random(5)
    const internet = new Internet(clock, random)
    const [a, b] = [new Station(random), new Station(random)]
    let heard = 0
    internet.send(a, { to: b, payload: 10, arrive: () => heard++ })
    b.isUp = false
    clock.runUntil(10_000)
    internet.send(b, { to: a, payload: 10, arrive: () => heard++ })
    clock.runUntil(20_000)
    expect(heard).toBe(0)
  })
})
