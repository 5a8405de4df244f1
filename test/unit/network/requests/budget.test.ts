/** A request protocol says what its answers may take over time: one that does not is no RequestSpec, which the type check holds to. */
import { expect, it } from 'vitest'
import type { RequestSpec } from '../../../../node-core/network/contracts.ts'
import { AMPLE } from '../../../helpers/network.ts'

const BOUNDS = { protocol: '/echo/1', maxRequestBytes: 10, maxResponseBytes: 10, timeoutMs: 10, perMinute: 10 }

it('does not compile without a budget, and not with the name of one', () => {
  // @ts-expect-error: there is no budget.
  const without: RequestSpec = BOUNDS
  // @ts-expect-error: a budget is an object that its owner makes.
  const named: RequestSpec = { ...BOUNDS, budget: 'blocks' }
  const complete: RequestSpec = { ...BOUNDS, budget: AMPLE }
  expect([without.budget, named.budget, complete.budget]).toEqual([undefined, 'blocks', AMPLE])
})
