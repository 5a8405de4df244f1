/** The plain links of a node, as the file that it was given says them when it starts; none where it was given none. */
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { Service } from '../../base/service.ts'
import type { TopicDoor } from '../contracts.ts'
import { readPlainFile } from './plain-file.ts'
import { PlainMesh } from './plain-mesh.ts'

export class PlainLinks implements Service {
  readonly #deps: { readonly clock: Clock; readonly logger: Logger }
  readonly #path: string | undefined
  #mesh: { readonly door: PlainMesh; readonly name: string } | undefined

  constructor(dependencies: { readonly clock: Clock; readonly logger: Logger }, options: { readonly path: string | undefined }) {
    this.#deps = dependencies
    this.#path = options.path
  }

  /** Topics on them, and this node's name among them, while they run. */
  get links(): { readonly door: TopicDoor; readonly name: string } | undefined {
    return this.#mesh
  }

  /** Throws a NodeError NETWORK_PLAIN_FILE, NETWORK_PLAIN_PORT, NETWORK_PLAIN_NAME. */
  async start(): Promise<void> {
    if (this.#path === undefined) return
    const options = await readPlainFile(this.#path)
    const door = new PlainMesh(this.#deps, options)
    await door.start()
    this.#mesh = { door, name: options.name }
  }

  async stop(): Promise<void> {
    const mesh = this.#mesh
    this.#mesh = undefined
    await mesh?.door.stop()
  }
}
