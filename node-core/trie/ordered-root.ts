/** The trie of a list: what a header says about its extrinsics (Polkadot Host spec, section 3.3.2 "Block Header"). */
export { orderedTrieRoot } from './build.ts'
