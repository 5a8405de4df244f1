/** `logs -f` and other streams that are followed: resumed by their cursors, over a slow reader and another start of the node; ended by Ctrl-C. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createLogger } from '../../../../node-core/base/logger.ts'
import { ServiceApi } from '../../../../node-core/services/service-api.ts'
import { AskedNode, eventually, hastyClock, run } from '../../../helpers/asked-node.ts'
import { TOKEN } from '../../../helpers/service-client.ts'

let node: AskedNode
beforeEach(async () => {
  node = await AskedNode.start({ limits: { keptEvents: 64, waitingEvents: 16 } })
})
afterEach(() => node.stop())

const numbers = (out: string): number[] => [...out.matchAll(/ line (\d+)$/gm)].map(([, number]) => Number(number))
const say = (from: number, to: number): void => {
  for (let number = from; number < to; number++) node.manager.log('info', 'test', `line ${number}`)
}
const listeners = (count: number) => eventually(() => expect(node.manager.events.listenerCount('log')).toBe(count))

it('begins with lines of before, goes on, and ends with 0 by Ctrl-C', async () => {
  say(0, 5)
  const following = node.begin(['logs', '-f', '--lines', '2'])
  await eventually(() => expect(numbers(following.out())).toEqual([3, 4]))
  say(5, 8)
  await eventually(() => expect(numbers(following.out())).toEqual([3, 4, 5, 6, 7]))
  expect(await following.interrupt()).toMatchObject({ code: 0, error: undefined, notes: '' })
})

it('one line of JSON for each line of the log', async () => {
  const following = node.begin(['logs', '-f', '--lines', '0'], { reader: 'program' })
  await listeners(1)
  say(0, 2)
  await eventually(() => expect(following.out().trimEnd().split('\n').map((line) => (JSON.parse(line) as { message: string }).message)).toEqual(['line 0', 'line 1']))
  await following.interrupt()
})

it('is taken up again at its cursor where the node found it too slow: no line is missing or told twice', async () => {
  const following = node.begin(['logs', '-f', '--lines', '0'])
  await listeners(1)
  // In one turn of the event loop the client cannot read: more than may wait, and fewer than are kept.
  for (let round = 0; round < 5; round++) {
    say(round * 40, (round + 1) * 40)
    await eventually(() => expect(numbers(following.out()).at(-1)).toBe((round + 1) * 40 - 1))
  }
  expect(numbers(following.out())).toEqual(Array.from({ length: 200 }, (_, number) => number))
  expect(await following.interrupt()).toMatchObject({ code: 0, notes: '' })
})

it('waits for a node that stops, says so once, and goes on with what it says since it is back', async () => {
  const port = new URL(node.service.api.address).port
  const following = node.begin(['logs', '-f', '--lines', '1'], { clock: hastyClock(100) })
  await listeners(1)
  say(0, 1)
  await eventually(() => expect(numbers(following.out())).toEqual([0]))
  await node.service.api.stop()
  await eventually(() => expect(following.notes()).toContain('The node ended the stream; waiting for it.'))
  // Its log begins anew, as after another start of its program.
  await node.manager.forget()
  say(1, 3)
  const again = new ServiceApi(
    { manager: node.manager, program: { name: 'Nodestead', version: '0.0.0', host: 'headless', platform: 'linux' }, logger: createLogger([]), clock: node.service.clock },
    { port: Number(port), folder: node.service.folder, token: TOKEN },
  )
  await again.start()
  try {
    await eventually(() => expect(numbers(following.out())).toEqual([0, 1, 2]))
    say(3, 4)
    await eventually(() => expect(numbers(following.out())).toEqual([0, 1, 2, 3]))
    const { notes, code } = await following.interrupt()
    expect([code, notes.split('\n')]).toEqual([0, ['The node ended the stream; waiting for it.', 'What came meanwhile may not be complete: the node does not keep it, or was started again.', 'The node is back.', '']])
  } finally {
    await again.stop()
  }
})

it('is refused at once where it cannot begin', async () => {
  const other = join(node.service.folder, 'other-token')
  await writeFile(other, 'b'.repeat(43))
  const [, address = ''] = node.flags
  expect(await run(['logs', '-f', '--node', address, '--token-file', other])).toMatchObject({ error: { code: 'SERVICE_TOKEN_UNKNOWN', hint: 'It was revoked, or is the token of another node.' } })
  await node.service.api.stop()
  expect(await node.run(['status'])).toMatchObject({ code: 6, error: { code: 'NODE_SILENT' } })
})
