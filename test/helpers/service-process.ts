/** The service API around a manager without a node, in a process of its own whose memory a test watches: it says its address, and when it is asked what it holds after a collection. */
import { TestService } from './service-client.ts'
import { watchMemory, type HeldMemory } from './held-memory.ts'

/** `lines`: so many lines of 2 kB are logged. */
export type ToServiceProcess = { readonly memory: true } | { readonly lines: number }
export type FromServiceProcess = { readonly address: string; readonly token: string } | HeldMemory | { readonly logged: number }

const measure = watchMemory()
const say = (message: FromServiceProcess): void => void process.send?.(message)

const service = await TestService.start()
// Of somebody else than those who attack.
const { token } = await service.api.clients.add('other', ['read'])
process.on('message', (message: ToServiceProcess) => {
  if ('lines' in message) {
    for (let line = 0; line < message.lines; line++) service.manager.log('info', 'test', `line ${line} ${'x'.repeat(2_000)}`)
    return say({ logged: message.lines })
  }
  say(measure())
})
process.once('disconnect', () => void service.stop().then(() => process.exit(0)))
say({ address: service.api.address, token })
