/** What has come of a request's body counts as held until its answer has left: the sum of all is bounded, and where it is exceeded whoever holds most is hung up on. */
import type { MemoryBudget } from '../base/memory-budget.ts'
import { breakOff, type Request, type Response } from './exchange.ts'
import { Held } from './held.ts'

export function holdBody(request: Request, response: Response, budget: MemoryBudget): void {
  const held = new Held(budget, () => breakOff(response))
  request.on('data', (part: Buffer) => held.add(part.length))
  // Listening for data starts the flow; whoever reads it says when.
  request.pause()
  response.once('close', () => held.forget())
}
