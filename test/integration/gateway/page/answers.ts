/** What a client is told by the service API behind a gateway, as plain data: asked the same way in a page and in Node.js. */
import { toJson, type JsonValue } from '@bufbuild/protobuf'
import { Code, ConnectError, createClient, type Transport } from '@connectrpc/connect'
import { Admin } from '../../../../node-core/services/proto/nodestead/v1/admin_pb.ts'
import { Chain, HeaderResponseSchema, RuntimeVersionResponseSchema, WatchFinalizedResponseSchema } from '../../../../node-core/services/proto/nodestead/v1/chain_pb.ts'
import { ErrorInfoSchema } from '../../../../node-core/services/proto/nodestead/v1/errors_pb.ts'

export interface Refused {
  /** Of gRPC, in words. */
  readonly status: string
  readonly message: string
  /** Of the error's details. */
  readonly codes: readonly string[]
}

export interface Answers {
  readonly header: JsonValue
  readonly version: JsonValue
  readonly finalized: readonly JsonValue[]
  readonly refused: readonly Refused[]
}

/** `blocks`: so many final ones are taken from the stream, which is left then. */
export async function answersOf(transport: Transport, blocks: number): Promise<Answers> {
  const chain = createClient(Chain, transport)
  const finalized: JsonValue[] = []
  for await (const event of chain.watchFinalized({ from: 0, decoded: true })) {
    finalized.push(toJson(WatchFinalizedResponseSchema, event))
    if (finalized.length === blocks) break
  }
  return {
    header: toJson(HeaderResponseSchema, await chain.header({ at: { id: { case: 'number', value: 1 } } })),
    version: toJson(RuntimeVersionResponseSchema, await chain.runtimeVersion({})),
    finalized,
    refused: [
      await refusalOf(chain.header({ at: { id: { case: 'number', value: 99_999_999 } } })),
      await refusalOf(createClient(Admin, transport).listClients({})),
      await refusalOf(nextOf(chain.watchFinalized({ from: 0, cursor: 'moon' }))),
    ],
  }
}

async function nextOf(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream) return
}

export async function refusalOf(work: Promise<unknown>): Promise<Refused> {
  try {
    await work
    return { status: 'ok', message: '', codes: [] }
  } catch (error) {
    const refused = ConnectError.from(error)
    return { status: Code[refused.code] ?? '', message: refused.rawMessage, codes: refused.findDetails(ErrorInfoSchema).map(({ code }) => code) }
  }
}
