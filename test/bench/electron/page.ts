/** Runs in the window: rounds of calls through our link and of bare calls, in turns, one call at a time. */
import { createTRPCClient } from '@trpc/client'
import type { NodesteadBridge } from '../../../electron/channel.ts'
import type { AppRouter } from '../../../node-core/api/router.ts'
import { ipcLink } from '../../../renderer/trpc/ipc-link.ts'

declare global {
  interface Window {
    readonly nodestead?: NodesteadBridge
    readonly bare: (message: unknown) => Promise<unknown>
    runBench: () => Promise<{ linkMicros: number; bareMicros: number }>
  }
}

const ROUNDS = 31
const CALLS = 400

window.runBench = async () => {
  const { nodestead, bare } = window
  if (nodestead === undefined) throw new Error('the bridge is missing')
  const client = createTRPCClient<AppRouter>({ links: [ipcLink(nodestead)] })
  const message = { kind: 'query', path: 'app.info', input: undefined }
  const link: number[] = []
  const plain: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    link.push(await time(() => client.app.info.query()))
    plain.push(await time(() => bare(message)))
  }
  return { linkMicros: median(link), bareMicros: median(plain) }
}

/** Microseconds a call takes. */
async function time(call: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  for (let i = 0; i < CALLS; i++) await call()
  return ((performance.now() - start) * 1000) / CALLS
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] as number
}
