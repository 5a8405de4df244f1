/**
 * Every function that a runtime of 2026 can import from a node: those of sp-io 49, of sp-statement-store 29, of cumulus's proof
 * size and of the curves of RFC 163, version by version, with what they take and return.
 *
 * `p` is an address and `n` a number (both i32), `s` a span and `q` a number (both i64); `!` ends the call whatever it is given.
 */
import { describe, expect, test } from 'vitest'
import { GuestMemory } from '../../../../../node-core/chain/runtime/guest/guest-memory.ts'
import { emptyContext } from '../../../../../node-core/chain/runtime/code/code-version.ts'
import { HostContext } from '../../../../../node-core/chain/runtime/host/context.ts'
import { createHostFunctions } from '../../../../../node-core/chain/runtime/host/index.ts'
import { loadLateFunctions } from '../../../../../node-core/chain/runtime/host/late-functions.ts'
import type { HostKeystore } from '../../../../../node-core/chain/runtime/host/keystore.ts'
import { createOffchainServices } from '../../../../../node-core/chain/runtime/host/offchain-services.ts'

const TABLE = `
storage_get_version_1 s -> s
storage_read_version_1 s s n -> s
storage_set_version_1 s s
storage_clear_version_1 s
storage_exists_version_1 s -> n
storage_clear_prefix_version_1 s
storage_clear_prefix_version_2 s s -> s
storage_clear_prefix_version_3 s s s -> s
storage_append_version_1 s s
storage_root_version_1 -> s
storage_root_version_2 n -> s
storage_changes_root_version_1 s -> s
storage_next_key_version_1 s -> s
storage_start_transaction_version_1
storage_commit_transaction_version_1
storage_start_transaction_version_1
storage_rollback_transaction_version_1
default_child_storage_get_version_1 s s -> s
default_child_storage_read_version_1 s s s n -> s
default_child_storage_set_version_1 s s s
default_child_storage_clear_version_1 s s
default_child_storage_storage_kill_version_1 s
default_child_storage_storage_kill_version_2 s s -> n
default_child_storage_storage_kill_version_3 s s -> s
default_child_storage_storage_kill_version_4 s s s -> s
default_child_storage_exists_version_1 s s -> n
default_child_storage_clear_prefix_version_1 s s
default_child_storage_clear_prefix_version_2 s s s -> s
default_child_storage_clear_prefix_version_3 s s s s -> s
default_child_storage_root_version_1 s -> s
default_child_storage_root_version_2 s n -> s
default_child_storage_next_key_version_1 s s -> s
trie_blake2_256_root_version_1 s -> p
trie_blake2_256_root_version_2 s n -> p
trie_blake2_256_ordered_root_version_1 s -> p
trie_blake2_256_ordered_root_version_2 s n -> p
trie_keccak_256_root_version_1 s -> p
trie_keccak_256_root_version_2 s n -> p
trie_keccak_256_ordered_root_version_1 s -> p
trie_keccak_256_ordered_root_version_2 s n -> p
trie_blake2_256_verify_proof_version_1 p s s s -> n
trie_blake2_256_verify_proof_version_2 p s s s n -> n
trie_keccak_256_verify_proof_version_1 p s s s -> n
trie_keccak_256_verify_proof_version_2 p s s s n -> n
misc_print_num_version_1 q
misc_print_utf8_version_1 s
misc_print_hex_version_1 s
misc_runtime_version_version_1 s -> s
crypto_ed25519_public_keys_version_1 p -> s
crypto_ed25519_generate_version_1 p s -> p
crypto_ed25519_sign_version_1 p p s -> s
crypto_ed25519_verify_version_1 p s p -> n
crypto_ed25519_batch_verify_version_1 p s p -> n
crypto_sr25519_verify_version_1 p s p -> n
crypto_sr25519_verify_version_2 p s p -> n
crypto_sr25519_batch_verify_version_1 p s p -> n
crypto_start_batch_verify_version_1
crypto_finish_batch_verify_version_1 -> n
crypto_sr25519_public_keys_version_1 p -> s
crypto_sr25519_generate_version_1 p s -> p
crypto_sr25519_sign_version_1 p p s -> s
crypto_ecdsa_public_keys_version_1 p -> s
crypto_ecdsa_generate_version_1 p s -> p
crypto_ecdsa_sign_version_1 p p s -> s
crypto_ecdsa_sign_prehashed_version_1 p p p -> s
crypto_ecdsa_verify_version_1 p s p -> n
crypto_ecdsa_verify_version_2 p s p -> n
crypto_ecdsa_verify_prehashed_version_1 p p p -> n
crypto_ecdsa_batch_verify_version_1 p s p -> n
crypto_secp256k1_ecdsa_recover_version_1 p p -> s
crypto_secp256k1_ecdsa_recover_version_2 p p -> s
crypto_secp256k1_ecdsa_recover_compressed_version_1 p p -> s
crypto_secp256k1_ecdsa_recover_compressed_version_2 p p -> s
crypto_bls381_generate_version_1 p s -> p !
crypto_bls381_generate_proof_of_possession_version_1 p p s -> s
crypto_ecdsa_bls381_generate_version_1 p s -> p !
crypto_bandersnatch_generate_version_1 p s -> p !
crypto_bandersnatch_sign_version_1 p p s -> s
hashing_keccak_256_version_1 s -> p
hashing_keccak_512_version_1 s -> p
hashing_sha2_256_version_1 s -> p
hashing_blake2_128_version_1 s -> p
hashing_blake2_256_version_1 s -> p
hashing_twox_256_version_1 s -> p
hashing_twox_128_version_1 s -> p
hashing_twox_64_version_1 s -> p
transaction_index_index_version_1 n n p
transaction_index_renew_version_1 n p
offchain_index_set_version_1 s s
offchain_index_clear_version_1 s
offchain_is_validator_version_1 -> n
offchain_submit_transaction_version_1 s -> s !
offchain_network_state_version_1 -> s
offchain_timestamp_version_1 -> q
offchain_sleep_until_version_1 q
offchain_random_seed_version_1 -> p
offchain_local_storage_set_version_1 n s s
offchain_local_storage_clear_version_1 n s
offchain_local_storage_compare_and_set_version_1 n s s s -> n
offchain_local_storage_get_version_1 n s -> s
offchain_http_request_start_version_1 s s s -> s
offchain_http_request_add_header_version_1 n s s -> s
offchain_http_request_write_body_version_1 n s s -> s
offchain_http_response_wait_version_1 s s -> s
offchain_http_response_headers_version_1 n -> s
offchain_http_response_read_body_version_1 n s s -> s
offchain_set_authorized_nodes_version_1 s n
allocator_malloc_version_1 n -> p
allocator_free_version_1 p
panic_handler_abort_on_panic_version_1 s !
logging_log_version_1 n s s
logging_max_level_version_1 -> n
wasm_tracing_enabled_version_1 s -> n
wasm_tracing_enter_span_version_1 s -> q
wasm_tracing_event_version_1 s
wasm_tracing_exit_version_1 q
statement_store_submit_statement_version_1 s -> n
statement_store_statements_version_1 -> s
statement_store_broadcasts_version_1 s -> s
statement_store_posted_version_1 s p -> s
statement_store_posted_clear_version_1 s p -> s
statement_store_remove_version_1 p
statement_store_remove_by_version_1 p
storage_proof_size_storage_proof_size_version_1 -> q
host_calls_bls12_381_multi_miller_loop_version_1 s s s -> n
host_calls_bls12_381_final_exponentiation_version_1 s -> n
host_calls_bls12_381_msm_g1_version_1 s s s -> n
host_calls_bls12_381_msm_g2_version_1 s s s -> n
host_calls_bls12_381_mul_g1_version_1 s s s -> n
host_calls_bls12_381_mul_g2_version_1 s s s -> n
host_calls_ed_on_bls12_381_bandersnatch_msm_version_1 s s s -> n
host_calls_ed_on_bls12_381_bandersnatch_mul_version_1 s s s -> n
host_calls_pallas_msm_version_1 s s s -> n
host_calls_pallas_mul_version_1 s s s -> n
host_calls_vesta_msm_version_1 s s s -> n
host_calls_vesta_mul_version_1 s s s -> n`

interface Row {
  readonly name: string
  readonly params: readonly string[]
  readonly result: string | undefined
  readonly ends: boolean
}

const rows: readonly Row[] = TABLE.trim().split('\n').map((line) => {
  const ends = line.endsWith(' !')
  const [left = '', result] = line.replace(' !', '').split('-> ')
  const [name = '', ...params] = left.trim().split(' ')
  return { name: `ext_${name}`, params, result, ends }
})

const keystore: HostKeystore = {
  publicKeys: () => [],
  generate: (scheme) => new Uint8Array(scheme === 'ecdsa' ? 33 : 32),
  sign: () => undefined,
}
const TYPES: Readonly<Record<string, string>> = { p: 'number', n: 'number', s: 'bigint', q: 'bigint' }

await loadLateFunctions()

function bench() {
  const memory = new GuestMemory()
  memory.attach(new WebAssembly.Memory({ initial: 16 }), 1024)
  const context = new HostContext(memory)
  context.begin({ ...emptyContext(), keystore, offchain: createOffchainServices(() => 0) })
  return { memory, functions: createHostFunctions(context) as Readonly<Record<string, (...args: (number | bigint)[]) => unknown>> }
}

test('the host functions are these, and no others', () => {
  expect(new Set(Object.keys(bench().functions))).toEqual(new Set(rows.map(({ name }) => name)))
})

describe('what they take and return', () => {
  const { memory, functions } = bench()
  /** Zeros are an empty option, an empty list and an empty string. */
  const argument = (kind: string): number | bigint => {
    if (kind === 'n') return 0
    if (kind === 'q') return 0n
    return kind === 's' ? memory.giveSpan(new Uint8Array(1)) : memory.give(new Uint8Array(200))
  }

  test.each(rows.map((row) => [row.name, row] as const))('%s', (name, { params, result, ends }) => {
    const call = (): unknown => functions[name]!(...params.map(argument))
    if (ends) expect(call).toThrow(expect.objectContaining({ name: 'HostFunctionError' }))
    else expect(typeof call()).toBe(result === undefined ? 'undefined' : TYPES[result])
  })
})

test('functions whose service is absent give the answer of a node without it', () => {
  const { memory, functions } = bench()
  const span = memory.giveSpan(Uint8Array.of(0))
  expect(functions['ext_storage_proof_size_storage_proof_size_version_1']!()).toBe(-1n)
  expect(functions['ext_wasm_tracing_enabled_version_1']!(span)).toBe(0)
  expect(functions['ext_wasm_tracing_enter_span_version_1']!(span)).toBe(0n)
  expect(functions['ext_statement_store_submit_statement_version_1']!(span)).toBe(3)
  for (const name of ['statements', 'broadcasts', 'posted', 'posted_clear']) {
    const answer = functions[`ext_statement_store_${name}_version_1`]!(span, memory.give(new Uint8Array(32))) as bigint
    expect(memory.copy(answer)).toEqual(Uint8Array.of(0))
  }
})
