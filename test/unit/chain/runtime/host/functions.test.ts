/** The host functions, family by family, through the encodings in which a runtime uses them. */
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { describe, expect, test } from 'vitest'
import { EMPTY, concatBytes, fromHex, fromUtf8, toHex, utf8 } from '../../../../../node-core/base/bytes.ts'
import { devAccount } from '../../../../../node-core/crypto/keys/dev-accounts.ts'
import { blake2b256, keccak256 } from '../../../../../node-core/crypto/hashes/hashing.ts'
import { signWith } from '../../../../../node-core/crypto/keys/keypairs.ts'
import { EMPTY_KEYSTORE, type HostKeystore } from '../../../../../node-core/chain/runtime/host/keystore.ts'
import { createOffchainServices } from '../../../../../node-core/chain/runtime/host/offchain-services.ts'
import { ScaleWriter } from '../../../../../node-core/scale/writer.ts'
import { orderedTrieRoot, trieRoot } from '../../../../../node-core/chain/trie/build.ts'
import { EMPTY_ROOT } from '../../../../../node-core/chain/trie/trie.ts'
import { HostBench } from '../../../../helpers/host-functions.ts'
import { spanOf, wasmModule } from '../../../../helpers/wasm-module.ts'

const NONE = Uint8Array.of(0)
const some = (bytes: Uint8Array): Uint8Array => new ScaleWriter(bytes.length + 6).u8(1).bytes(bytes).finish()
const limit = (count?: number): Uint8Array => new ScaleWriter().option(count, (writer, value) => writer.u32(value)).finish()
const removal = (variant: number, count: number): Uint8Array => new ScaleWriter().u8(variant).u32(count).finish()

describe('storage', () => {
  test('get, set, exists, clear', () => {
    const host = new HostBench({}, { old: utf8('below') })
    expect(host.bytes('storage_get_version_1', utf8('old'))).toEqual(some(utf8('below')))
    host.run('storage_set_version_1', utf8('new'), EMPTY)
    expect(host.bytes('storage_get_version_1', utf8('new'))).toEqual(some(EMPTY))
    expect(host.run('storage_exists_version_1', utf8('new'))).toBe(1)
    host.run('storage_clear_version_1', utf8('old'))
    expect(host.run('storage_exists_version_1', utf8('old'))).toBe(0)
    expect(host.bytes('storage_get_version_1', utf8('old'))).toEqual(NONE)
  })

  test.each([63, 64, 16_383, 16_384, 100_000])('a value of %i bytes comes back in its shortest encoding', (size) => {
    const host = new HostBench()
    const value = new Uint8Array(size).fill(7)
    host.run('storage_set_version_1', utf8('k'), value)
    expect(Buffer.from(host.bytes('storage_get_version_1', utf8('k'))).equals(some(value))).toBe(true)
  })

  test('read copies what fits from the offset on, and says how much lay there', () => {
    const host = new HostBench({}, { k: utf8('abcdef') })
    const read = (room: number, offset: number) => {
      const out = host.memory.giveSpan(new Uint8Array(room).fill(0x2e))
      return { answer: host.bytes('storage_read_version_1', utf8('k'), out, offset), text: fromUtf8(host.memory.view(out)) }
    }
    expect(read(3, 1)).toEqual({ answer: removal(1, 5), text: 'bcd' })
    expect(read(8, 4)).toEqual({ answer: removal(1, 2), text: 'ef......' })
    expect(read(2, 9)).toEqual({ answer: removal(1, 0), text: '..' })
    expect(host.bytes('storage_read_version_1', utf8('none'), EMPTY, 0)).toEqual(NONE)
  })

  test('clear prefix counts the keys of the state that it looked at, and stops at the limit', () => {
    const host = new HostBench({}, { pa: NONE, pb: NONE, pc: NONE, q: NONE })
    host.run('storage_set_version_1', utf8('px'), NONE)
    expect(host.bytes('storage_clear_prefix_version_2', utf8('p'), limit(2))).toEqual(removal(1, 2))
    expect(host.run('storage_exists_version_1', utf8('px'))).toBe(0)
    expect(host.run('storage_exists_version_1', utf8('pc'))).toBe(1)
    expect(host.bytes('storage_clear_prefix_version_2', utf8('p'), limit())).toEqual(removal(0, 3))
    expect(host.run('storage_exists_version_1', utf8('q'))).toBe(1)
  })

  test('next key, append and the root that they lead to', () => {
    const host = new HostBench({}, { b: NONE })
    expect(host.bytes('storage_next_key_version_1', utf8('a'))).toEqual(some(utf8('b')))
    expect(host.bytes('storage_next_key_version_1', utf8('b'))).toEqual(NONE)
    host.run('storage_append_version_1', utf8('list'), Uint8Array.of(9))
    host.run('storage_append_version_1', utf8('list'), Uint8Array.of(8))
    const entries = [[utf8('b'), NONE], [utf8('list'), Uint8Array.of(8, 9, 8)], [utf8('long'), new Uint8Array(40)]] as const
    const expected = (version: 0 | 1) => trieRoot(entries, version)
    host.run('storage_set_version_1', utf8('long'), new Uint8Array(40))
    expect(host.bytes('storage_root_version_1')).toEqual(expected(0))
    expect(host.bytes('storage_root_version_2', 1)).toEqual(expected(1))
    expect(toHex(expected(0))).not.toBe(toHex(expected(1)))
    expect(() => host.run('storage_root_version_2', 2)).toThrow(/not a state version/)
    // A byte: the host sees no more of it.
    expect(host.bytes('storage_root_version_2', 257)).toEqual(expected(1))
    expect(host.bytes('storage_changes_root_version_1', EMPTY)).toEqual(NONE)
  })

  test('a root that was asked for does not hide later changes, nor a rolled back one', () => {
    const host = new HostBench({}, { a: NONE })
    const before = host.bytes('storage_root_version_1')
    host.run('storage_start_transaction_version_1')
    host.run('storage_set_version_1', utf8('a'), utf8('other'))
    expect(host.bytes('storage_root_version_1')).toEqual(trieRoot([[utf8('a'), utf8('other')]], 0))
    host.run('storage_rollback_transaction_version_1')
    expect(host.bytes('storage_root_version_1')).toEqual(before)
    expect(() => host.run('storage_commit_transaction_version_1')).toThrow(/no storage transaction/)
  })

  test('the roots of child tries can be read, and not be written', () => {
    const key = utf8(':child_storage:default:c')
    const host = new HostBench({}, { [':child_storage:default:c']: EMPTY_ROOT })
    host.run('storage_set_version_1', key, utf8('x'))
    host.run('storage_clear_version_1', key)
    expect(host.bytes('storage_get_version_1', key)).toEqual(some(EMPTY_ROOT))
    expect(host.run('storage_exists_version_1', key)).toBe(1)
    expect(host.bytes('storage_read_version_1', key, EMPTY, 12)).toEqual(removal(1, 20))
    expect(host.bytes('storage_next_key_version_1', EMPTY)).toEqual(some(key))
    expect(host.bytes('storage_clear_prefix_version_2', utf8(':child'), limit())).toEqual(removal(0, 0))
    expect(host.call.storage.main.entries.size).toBe(0)
  })

  test('spans outside of the memory end the call', () => {
    const host = new HostBench()
    expect(() => host.run('storage_get_version_1', (100n << 32n) | 131_000n)).toThrow(/outside of the memory/)
    expect(() => host.run('storage_set_version_1', utf8('k'), (0xffff_ffffn << 32n) | 8n)).toThrow(/outside of the memory/)
  })
})

describe('child storage', () => {
  const child = utf8('c')

  test('has its own keys, and its root in the main trie', () => {
    const host = new HostBench({}, { a: NONE })
    host.run('default_child_storage_set_version_1', child, utf8('k'), utf8('v'))
    expect(host.bytes('default_child_storage_get_version_1', child, utf8('k'))).toEqual(some(utf8('v')))
    expect(host.run('default_child_storage_exists_version_1', child, utf8('x'))).toBe(0)
    expect(host.bytes('default_child_storage_next_key_version_1', child, EMPTY)).toEqual(some(utf8('k')))
    const childRoot = trieRoot([[utf8('k'), utf8('v')]], 0)
    expect(host.bytes('default_child_storage_root_version_1', child)).toEqual(childRoot)
    expect(host.bytes('storage_root_version_1')).toEqual(trieRoot([[utf8('a'), NONE], [utf8(':child_storage:default:c'), childRoot]], 0))
  })

  test('leaves the main trie when it is empty, and takes part in transactions', () => {
    const host = new HostBench({}, { a: NONE })
    const bare = host.bytes('storage_root_version_1')
    host.run('storage_start_transaction_version_1')
    for (const key of ['k1', 'k2']) host.run('default_child_storage_set_version_1', child, utf8(key), NONE)
    const filled = host.bytes('storage_root_version_1')
    expect(filled).not.toEqual(bare)
    host.run('storage_start_transaction_version_1')
    expect(host.bytes('default_child_storage_storage_kill_version_3', child, limit())).toEqual(removal(0, 0))
    expect(host.bytes('storage_root_version_1')).toEqual(bare)
    host.run('storage_rollback_transaction_version_1')
    expect(host.bytes('storage_root_version_1')).toEqual(filled)
    host.run('storage_rollback_transaction_version_1')
    expect(host.bytes('storage_root_version_1')).toEqual(bare)
    expect(host.bytes('default_child_storage_root_version_1', child)).toEqual(EMPTY_ROOT)
  })
})

describe('crypto', () => {
  const message = utf8('message')
  const flip = (bytes: Uint8Array): Uint8Array => bytes.with(1, bytes[1]! ^ 1)

  test.each(['sr25519', 'ed25519'] as const)('%s signatures, alone and in a batch', (scheme) => {
    const pair = devAccount('//Alice')[scheme]
    const signature = signWith(pair, message)
    const host = new HostBench()
    const key = { at: pair.publicKey }
    const check = (name: string, bytes: Uint8Array) => host.run(`crypto_${scheme}_${name}_version_1`, { at: bytes }, message, key)
    expect(check('verify', signature)).toBe(1)
    expect(check('verify', flip(signature))).toBe(0)
    expect(check('batch_verify', flip(signature))).toBe(0)
    for (const [bytes, valid] of [[signature, 1], [flip(signature), 0]] as const) {
      host.run('crypto_start_batch_verify_version_1')
      expect(check('batch_verify', bytes)).toBe(valid)
      expect(check('batch_verify', signature)).toBe(1)
      expect(host.run('crypto_finish_batch_verify_version_1')).toBe(valid)
    }
    host.run('crypto_start_batch_verify_version_1')
    expect(() => host.run('crypto_start_batch_verify_version_1')).toThrow(/open already/)
    expect(host.run('crypto_finish_batch_verify_version_1')).toBe(1)
    expect(() => host.run('crypto_finish_batch_verify_version_1')).toThrow(/no batch/)
  })

  test('ecdsa: verify, recover, and errors by their index', () => {
    const secret = blake2b256(utf8('secret'))
    const hash = keccak256(message)
    // @noble puts the recovery id first, the runtime wants it last.
    const recovered = secp256k1.sign(hash, secret, { prehash: false, format: 'recovered' })
    const signature = concatBytes(recovered.subarray(1), recovered.subarray(0, 1))
    const host = new HostBench()
    const recover = (name: string, bytes: Uint8Array) => host.bytes(`crypto_secp256k1_ecdsa_recover_${name}`, { at: bytes }, { at: hash })
    expect(recover('version_2', signature)).toEqual(concatBytes(NONE, secp256k1.getPublicKey(secret, false).subarray(1)))
    expect(recover('compressed_version_1', signature)).toEqual(concatBytes(NONE, secp256k1.getPublicKey(secret, true)))
    expect(recover('version_1', new Uint8Array(65).fill(255, 64))).toEqual(Uint8Array.of(1, 1))
    const key = { at: secp256k1.getPublicKey(secret, true) }
    expect(host.run('crypto_ecdsa_verify_prehashed_version_1', { at: signature }, { at: hash }, key)).toBe(1)
    expect(host.run('crypto_ecdsa_verify_prehashed_version_1', { at: flip(signature) }, { at: hash }, key)).toBe(0)
    const other = secp256k1.sign(blake2b256(message), secret, { prehash: false, format: 'recovered' })
    const overMessage = { at: concatBytes(other.subarray(1), other.subarray(0, 1)) }
    expect(host.run('crypto_ecdsa_verify_version_2', overMessage, message, key)).toBe(1)
  })

  test('keys come from the keystore of the call, where it has one', () => {
    const type = { at: utf8('babe') }
    const without = new HostBench()
    expect(() => without.run('crypto_sr25519_public_keys_version_1', type)).toThrow(/no keystore/)
    expect(() => without.run('crypto_ed25519_generate_version_1', type, NONE)).toThrow(/no keystore/)
    expect(() => without.run('crypto_ecdsa_sign_version_1', type, { at: new Uint8Array(33) }, message)).toThrow(/no keystore/)
    const bare = new HostBench({ keystore: EMPTY_KEYSTORE })
    expect(bare.bytes('crypto_sr25519_public_keys_version_1', type)).toEqual(NONE)
    expect(bare.bytes('crypto_sr25519_sign_version_1', type, { at: new Uint8Array(32) }, message)).toEqual(NONE)
    expect(() => bare.run('crypto_ed25519_generate_version_1', type, NONE)).toThrow(/no keystore/)

    const key = new Uint8Array(33).fill(5)
    const asked: unknown[] = []
    const keystore: HostKeystore = {
      publicKeys: (scheme, keyType) => (scheme === 'ecdsa' && keyType === 'babe' ? [key] : []),
      generate: (scheme, keyType, seed) => (asked.push([scheme, keyType, seed === undefined ? undefined : fromUtf8(seed)]), key),
      sign: (_scheme, _type, publicKey, bytes, prehashed) => concatBytes(publicKey, bytes, Uint8Array.of(prehashed ? 1 : 0)),
    }
    const host = new HostBench({ keystore })
    expect(() => host.run('crypto_ecdsa_generate_version_1', type, some(Uint8Array.of(0xff)))).toThrow(/not UTF-8/)
    expect(host.bytes('crypto_ecdsa_public_keys_version_1', type)).toEqual(concatBytes(Uint8Array.of(4), key))
    expect(host.fixed(33, 'crypto_ecdsa_generate_version_1', type, some(utf8('//Alice')))).toEqual(key)
    expect(asked).toEqual([['ecdsa', 'babe', '//Alice']])
    const signed = host.bytes('crypto_ecdsa_sign_prehashed_version_1', type, { at: key }, { at: blake2b256(message) })
    expect(signed).toEqual(concatBytes(Uint8Array.of(1), key, blake2b256(message), Uint8Array.of(1)))
  })
})

test.each([
  ['twox_64', '0x990977adf52cbc44'],
  ['twox_128', '0x990977adf52cbc440889329981caa9be'],
  ['twox_256', '0x990977adf52cbc440889329981caa9bef7da5770b2b8a05303b75d95360dd62b'],
  ['blake2_128', '0xcf4ab791c62b8d2b2109c90275287816'],
  ['blake2_256', '0xbddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319'],
  ['keccak_256', '0x4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45'],
  ['sha2_256', '0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
] as const)('hashing: %s of "abc"', (name, expected) => {
  const host = new HostBench()
  for (let i = 0; i < 2; i++) expect(toHex(host.fixed((expected.length - 2) / 2, `hashing_${name}_version_1`, utf8('abc')))).toBe(expected)
})

test('trie: roots of pairs and of lists', () => {
  const host = new HostBench()
  const pairs = [[utf8('a'), new Uint8Array(40)], [utf8('b'), utf8('2')]] as const
  const encoded = new ScaleWriter().vec(pairs, (writer, [key, value]) => writer.bytes(key).bytes(value)).finish()
  expect(host.fixed(32, 'trie_blake2_256_root_version_2', encoded, 1)).toEqual(trieRoot(pairs, 1))
  const list = new ScaleWriter().vec(pairs, (writer, [, value]) => writer.bytes(value)).finish()
  expect(host.fixed(32, 'trie_blake2_256_ordered_root_version_1', list)).toEqual(orderedTrieRoot(pairs.map(([, value]) => value), 0))
})

test('misc: the version of other code', () => {
  const host = new HostBench({ versionOf: (code) => (code.length > 3 ? utf8('version') : undefined) })
  const code = wasmModule({ entries: { Core_version: { body: spanOf(0, 0) } } })
  expect(host.bytes('misc_runtime_version_version_1', code)).toEqual(some(utf8('version')))
  expect(host.bytes('misc_runtime_version_version_1', utf8('no'))).toEqual(NONE)
})

test('logging: levels are respected, and an error is remembered whatever they are', () => {
  const lines: string[] = []
  const host = new HostBench({ maxLogLevel: 3, log: (level, target, text) => lines.push(`${level} ${target} ${text}`) })
  for (const [level, name] of ['error', 'warn', 'info', 'debug', 'trace'].entries()) host.run('logging_log_version_1', level, utf8('babe'), utf8(name))
  expect(host.run('logging_max_level_version_1')).toBe(3)
  expect(lines).toEqual(['1 babe error', '2 babe warn', '3 babe info'])
  expect(host.call.lastError).toBe('error')
  const quiet = new HostBench({ maxLogLevel: 0 })
  quiet.run('logging_log_version_1', 0, utf8('runtime'), utf8('panicked'))
  quiet.run('logging_log_version_1', 1, utf8('runtime'), utf8('a warning'))
  expect(quiet.call.lastError).toBe('panicked')
  expect(() => quiet.run('panic_handler_abort_on_panic_version_1', utf8('why'))).toThrow(/panicked/)
  expect(quiet.call.lastError).toBe('why')
})

test('logging: text that is not UTF-8 is no line, and no target; nor is there a sixth level', () => {
  const lines: string[] = []
  const host = new HostBench({ maxLogLevel: 5, log: (level, target, text) => lines.push(`${level} ${target} ${text}`) })
  const bad = Uint8Array.of(0xc3, 0x28)
  host.run('logging_log_version_1', 0, utf8('t'), bad)
  host.run('misc_print_utf8_version_1', bad)
  host.run('misc_print_utf8_version_1', utf8('text'))
  host.run('misc_print_hex_version_1', bad)
  host.run('misc_print_num_version_1', -1n)
  expect(lines).toEqual(['4 runtime text', '4 runtime 0xc328', '4 runtime 18446744073709551615'])
  expect(host.call.lastError).toBeUndefined()
  expect(() => host.run('logging_log_version_1', 0, bad, utf8('t'))).toThrow(/not UTF-8/)
  expect(() => host.run('logging_log_version_1', 5, utf8('t'), utf8('t'))).toThrow(/not a log level/)
  expect(() => host.run('panic_handler_abort_on_panic_version_1', bad)).toThrow(/not UTF-8/)
})

describe('offchain', () => {
  test('functions end a call that executes a block', () => {
    const host = new HostBench()
    for (const name of ['is_validator', 'timestamp', 'random_seed', 'network_state']) {
      expect(() => host.run(`offchain_${name}_version_1`), name).toThrow(/while executing a block/)
    }
  })

  test('a call made for it submits transactions, and hears where there are too many', () => {
    const submitted: Uint8Array[] = []
    const submit = (extrinsic: Uint8Array): boolean => submitted.length < 1 && submitted.push(extrinsic) > 0
    const host = new HostBench({ offchain: { ...createOffchainServices(() => 0), submit } })
    expect(host.bytes('offchain_submit_transaction_version_1', fromHex('0x080400'))).toEqual(Uint8Array.of(0))
    expect(host.bytes('offchain_submit_transaction_version_1', fromHex('0x080401'))).toEqual(Uint8Array.of(1))
    expect(submitted).toEqual([fromHex('0x080400')])
  })

  test('functions work outside of blocks', () => {
    const host = new HostBench({ offchain: createOffchainServices(() => 1_234.7) })
    expect(host.run('offchain_timestamp_version_1')).toBe(1234n)
    expect(host.run('offchain_is_validator_version_1')).toBe(0)
    expect(host.fixed(32, 'offchain_random_seed_version_1')).not.toEqual(host.fixed(32, 'offchain_random_seed_version_1'))
    expect(() => host.run('offchain_submit_transaction_version_1', EMPTY)).toThrow(/no transaction pool/)
    const swap = (old: Uint8Array, value: string, kind = 0) =>
      host.run('offchain_local_storage_compare_and_set_version_1', kind, utf8('k'), old, utf8(value))
    expect([swap(some(utf8('x')), 'a'), swap(NONE, 'b'), swap(NONE, 'c'), swap(some(utf8('b')), 'd')]).toEqual([0, 1, 0, 1])
    expect(host.bytes('offchain_local_storage_get_version_1', 0, utf8('k'))).toEqual(some(utf8('d')))
    host.run('offchain_local_storage_clear_version_1', 0, utf8('k'))
    expect(host.bytes('offchain_local_storage_get_version_1', 0, utf8('k'))).toEqual(NONE)
    // The kind that would forget with forks is in no host: it holds nothing.
    expect(swap(NONE, 'a', 1)).toBe(0)
    expect(host.bytes('offchain_local_storage_get_version_1', 1, utf8('k'))).toEqual(NONE)
    expect(() => swap(NONE, 'a', 2)).toThrow(/not a kind/)
    expect(host.bytes('offchain_http_request_start_version_1', EMPTY, EMPTY, EMPTY)).toEqual(Uint8Array.of(1))
    expect(host.bytes('offchain_http_response_wait_version_1', fromHex('0x040100'), NONE)).toEqual(Uint8Array.of(4, 2))
  })
})
