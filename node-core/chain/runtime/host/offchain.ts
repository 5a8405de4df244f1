/**
 * `ext_offchain_*` (Polkadot Host spec, section B.6 "Offchain").
 *
 * These functions answer in calls that are made to use them, and end any other: in a block they would make the result depend
 * on the machine, and a call for a peer or a program is to come to what everybody else's comes to. This node runs no offchain
 * workers: `submit_transaction` works in the calls that are made for what they submit (reports of equivocations), and ends any other.
 */
import { ScaleWriter } from '../../../scale/writer.ts'
import { HostFunctionError } from '../errors.ts'
import type { HostContext, HostFunctions } from './context.ts'
import type { LocalStorage, OffchainServices } from './offchain-services.ts'

/** `Ok(())`. */
const OK = Uint8Array.of(0)
/** `Err(())`, and `Err(HttpError::IoError)`. */
const ERR = Uint8Array.of(1)
const HTTP_ERR_IO = Uint8Array.of(1, 1)
/** `HttpRequestStatus::Invalid`. */
const REQUEST_INVALID = 2

/** `StorageKind` as it is passed. The second kind, which forgets with forks, exists in no host: it holds nothing. */
const STORAGE_KIND = { persistent: 0, local: 1 } as const

export function offchainFunctions(context: HostContext): HostFunctions {
  const { memory } = context
  const services = (): OffchainServices => {
    const { offchain } = context.call
    if (offchain === undefined) throw new HostFunctionError('the runtime called an offchain function while executing a block, or in a call that has none')
    return offchain
  }
  const storage = (kind: number): LocalStorage | undefined => {
    const { localStorage } = services()
    if (kind === STORAGE_KIND.persistent) return localStorage
    if (kind === STORAGE_KIND.local) return undefined
    throw new HostFunctionError(`${kind} is not a kind of offchain storage`)
  }
  /** Refuses, after the check that the function may be called at all. */
  const refuse = (answer: Uint8Array) => (): bigint => {
    services()
    return memory.giveSpan(answer)
  }
  return {
    ext_offchain_is_validator_version_1: () => (services().isValidator ? 1 : 0),
    ext_offchain_submit_transaction_version_1(extrinsic: bigint) {
      const { submit } = services()
      if (submit === undefined) throw new HostFunctionError('the runtime submitted a transaction in a call that has no transaction pool')
      return memory.giveSpan(submit(memory.copy(extrinsic)) ? OK : ERR)
    },
    ext_offchain_network_state_version_1: refuse(ERR),
    ext_offchain_timestamp_version_1: () => BigInt(Math.floor(services().now())),
    /** A runtime that waits would hold up its lane: it goes on at once. */
    ext_offchain_sleep_until_version_1: () => void services(),
    ext_offchain_random_seed_version_1: () => memory.give(services().randomSeed()),
    ext_offchain_local_storage_set_version_1(kind: number, key: bigint, value: bigint) {
      storage(kind)?.set(memory.key(key), memory.copy(value))
    },
    ext_offchain_local_storage_clear_version_1(kind: number, key: bigint) {
      storage(kind)?.set(memory.key(key), undefined)
    },
    ext_offchain_local_storage_compare_and_set_version_1(kind: number, key: bigint, old: bigint, value: bigint) {
      const expected = memory.decode(old, (reader) => reader.option((r) => r.bytes()))
      return storage(kind)?.compareAndSet(memory.key(key), expected, memory.copy(value)) === true ? 1 : 0
    },
    ext_offchain_local_storage_get_version_1(kind: number, key: bigint) {
      return memory.giveOption(storage(kind)?.get(memory.key(key)))
    },
    ext_offchain_http_request_start_version_1: refuse(ERR),
    ext_offchain_http_request_add_header_version_1: refuse(ERR),
    ext_offchain_http_request_write_body_version_1: refuse(HTTP_ERR_IO),
    /** No request was ever started. */
    ext_offchain_http_response_wait_version_1(ids: bigint) {
      services()
      const requests = memory.decode(ids, (reader) => reader.vec((r) => r.u16(), 2))
      return memory.giveSpan(new ScaleWriter().vec(requests, (writer) => writer.u8(REQUEST_INVALID)).finish())
    },
    ext_offchain_http_response_headers_version_1: refuse(Uint8Array.of(0)),
    ext_offchain_http_response_read_body_version_1: refuse(HTTP_ERR_IO),
    ext_offchain_set_authorized_nodes_version_1: () => void services(),
  }
}
