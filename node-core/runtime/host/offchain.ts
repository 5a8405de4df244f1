/**
 * `ext_offchain_*`, `ext_offchain_index_*` and `ext_transaction_index_*` (Polkadot Host spec, section B.6 "Offchain").
 *
 * Offchain functions work in calls outside of blocks; inside a block they would make the result depend on the machine, so
 * there they end the call. Indexing writes to stores that this node does not keep: it may be ignored, and is.
 */
import { decodeAll } from '../../scale/reader.ts'
import { ScaleWriter } from '../../scale/writer.ts'
import { HostFunctionError } from '../errors.ts'
import type { HostContext, HostFunctions } from './context.ts'
import type { OffchainServices } from './offchain-services.ts'

/** `Err(())`, and `Err(HttpError::IoError)`. */
const ERR = Uint8Array.of(1)
const HTTP_ERR_IO = Uint8Array.of(1, 1)
/** `HttpRequestStatus::Invalid`. */
const REQUEST_INVALID = 2

export function offchainFunctions(context: HostContext): HostFunctions {
  const { memory } = context
  const services = (): OffchainServices => {
    const { offchain } = context.call
    if (offchain === undefined) throw new HostFunctionError('the runtime called an offchain function while executing a block')
    return offchain
  }
  /** Refuses, after the check that the function may be called at all. */
  const refuse = (answer: Uint8Array) => (): bigint => {
    services()
    return memory.giveSpan(answer)
  }
  return {
    ext_offchain_is_validator_version_1: () => (services().isValidator ? 1 : 0),
    ext_offchain_submit_transaction_version_1: refuse(ERR),
    ext_offchain_network_state_version_1: refuse(ERR),
    ext_offchain_timestamp_version_1: () => BigInt(Math.floor(services().now())),
    /** A runtime that waits would hold up its lane: it goes on at once. */
    ext_offchain_sleep_until_version_1: () => void services(),
    ext_offchain_random_seed_version_1: () => memory.give(services().randomSeed()),
    ext_offchain_local_storage_set_version_1(kind: number, key: bigint, value: bigint) {
      services().localStorage.set(kind, memory.key(key), memory.copy(value))
    },
    ext_offchain_local_storage_clear_version_1(kind: number, key: bigint) {
      services().localStorage.clear(kind, memory.key(key))
    },
    ext_offchain_local_storage_compare_and_set_version_1(kind: number, key: bigint, old: bigint, value: bigint) {
      const expected = decodeAll(memory.copy(old), 'the old value', (reader) => reader.option((r) => r.bytes()))
      return services().localStorage.compareAndSet(kind, memory.key(key), expected, memory.copy(value)) ? 1 : 0
    },
    ext_offchain_local_storage_get_version_1(kind: number, key: bigint) {
      return memory.giveOption(services().localStorage.get(kind, memory.key(key)))
    },
    ext_offchain_http_request_start_version_1: refuse(ERR),
    ext_offchain_http_request_add_header_version_1: refuse(ERR),
    ext_offchain_http_request_write_body_version_1: refuse(HTTP_ERR_IO),
    /** No request was ever started. */
    ext_offchain_http_response_wait_version_1(ids: bigint) {
      services()
      const requests = decodeAll(memory.copy(ids), 'the request ids', (reader) => reader.vec((r) => r.u16(), 2))
      return memory.giveSpan(new ScaleWriter().vec(requests, (writer) => writer.u8(REQUEST_INVALID)).finish())
    },
    ext_offchain_http_response_headers_version_1: refuse(Uint8Array.of(0)),
    ext_offchain_http_response_read_body_version_1: refuse(HTTP_ERR_IO),
    ext_offchain_set_authorized_nodes_version_1: () => void services(),
    ext_offchain_index_set_version_1: () => undefined,
    ext_offchain_index_clear_version_1: () => undefined,
    ext_transaction_index_index_version_1: () => undefined,
    ext_transaction_index_renew_version_1: () => undefined,
  }
}
