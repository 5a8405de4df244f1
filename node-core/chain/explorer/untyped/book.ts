/**
 * The book of types: what the names mean that relay runtimes from 2019 to 2021 used in calls and events. It is kept by hand, from the
 * source code of those runtimes; a name that is not in it ends what is decoded, and is said.
 *
 * An entry is another type's name, a structure (its fields in order), or a choice: names, each alone or with what follows it. Where a
 * type changed on the way, {@link RuntimeTraits} tells the forms apart by what else the metadata shows.
 */

export type Choice = string | readonly [name: string, content: string | Readonly<Record<string, string>>]
export type BookEntry = string | { readonly fields: Readonly<Record<string, string>> } | { readonly choices: readonly Choice[] }

export interface RuntimeTraits {
  readonly chain: string
  /** Addresses may be numbers (Kusama until 2020), are account ids, or one of several kinds (since the end of 2020). */
  readonly address: 'index' | 'id' | 'multi'
  readonly weight: 'u32' | 'u64'
  /** Errors of dispatch are a choice; at first they were two numbers. */
  readonly namedErrors: boolean
  /** Transactions sign the version of transactions (since May 2020): a time stamp for what else came then. */
  readonly signsVersion: boolean
  /** What counts references to an account. */
  readonly references: string
  /** Election results were made shorter at the end of 2020. */
  readonly shortVotes: boolean
}

const BYTES = 'Vec<u8>'
const struct = (fields: Readonly<Record<string, string>>): BookEntry => ({ fields })
const choice = (...choices: Choice[]): BookEntry => ({ choices })

const COMMON: Readonly<Record<string, BookEntry>> = {
  // Numbers
  Moment: 'u64', BlockNumber: 'u32', Index: 'u32', AccountIndex: 'u32', Balance: 'u128', BalanceOf: 'Balance', DepositOf: 'Balance',
  Perbill: 'u32', Permill: 'u32', Percent: 'u8', Perquintill: 'u64', Gas: 'u64',
  EraIndex: 'u32', SessionIndex: 'u32', ParaId: 'u32', MemberCount: 'u32', ProposalIndex: 'u32', PropIndex: 'u32', ReferendumIndex: 'u32',
  RegistrarIndex: 'u32', AuctionIndex: 'u32', SubId: 'u32', LeasePeriod: 'u32', LeasePeriodOf: 'u32', BountyIndex: 'u32', ActiveIndex: 'u32',
  ValidatorIndex: 'u16', NominatorIndex: 'u32', AuthIndex: 'u32', SetId: 'u64', Priority: 'u8', Vote: 'u8', VoteWeight: 'u128',
  // Bytes
  Hash: '[u8; 32]', H256: '[u8; 32]', H160: '[u8; 20]', CallHash: '[u8; 32]', CallHashOf: '[u8; 32]', CodeHash: '[u8; 32]',
  EthereumAddress: '[u8; 20]', EcdsaSignature: '[u8; 65]', AuthoritySignature: '[u8; 64]', Signature: '[u8; 64]', CollatorSignature: '[u8; 64]',
  AuthorityId: 'AccountId', ValidatorId: 'AccountId', CollatorId: 'AccountId', Kind: '[u8; 16]', LockIdentifier: '[u8; 8]', KeyTypeId: '[u8; 4]',
  Key: BYTES, HeadData: BYTES, ValidationCode: BYTES, OpaqueTimeSlot: BYTES, OpaqueCall: BYTES, Text: BYTES,
  KeyValue: '(Key, Key)', AuthorityList: 'Vec<(AuthorityId, u64)>', NextAuthority: '(AuthorityId, u64)', TaskAddress: '(BlockNumber, u32)',
  Period: '(BlockNumber, u32)', PhragmenScore: '[u128; 3]', ElectionScore: '[u128; 3]', IdentityFields: 'u64', MoreAttestations: '()',
  // Transactions and what comes of them
  MultiSignature: choice(['Ed25519', '[u8; 64]'], ['Sr25519', '[u8; 64]'], ['Ecdsa', '[u8; 65]']),
  MultiSigner: choice(['Ed25519', '[u8; 32]'], ['Sr25519', '[u8; 32]'], ['Ecdsa', '[u8; 33]']),
  DispatchClass: choice('Normal', 'Operational', 'Mandatory'),
  DispatchResult: 'Result<(), DispatchError>',
  TokenError: choice('NoFunds', 'WouldDie', 'BelowMinimum', 'CannotCreate', 'UnknownAsset', 'Frozen', 'Unsupported', 'Underflow', 'Overflow'),
  ArithmeticError: choice('Underflow', 'Overflow', 'DivisionByZero'),
  Phase: choice(['ApplyExtrinsic', 'u32'], 'Finalization', 'Initialization'),
  EventRecord: struct({ phase: 'Phase', event: 'Event', topics: 'Vec<Hash>' }),
  AccountData: struct({ free: 'Balance', reserved: 'Balance', misc_frozen: 'Balance', fee_frozen: 'Balance' }),
  BalanceStatus: choice('Free', 'Reserved'), Status: 'BalanceStatus',
  ChangesTrieConfiguration: struct({ digest_interval: 'u32', digest_levels: 'u32' }),
  Header: struct({ parent_hash: 'Hash', number: 'Compact<BlockNumber>', state_root: 'Hash', extrinsics_root: 'Hash', digest: 'Vec<DigestItem>' }),
  DigestItem: choice(
    ['Other', BYTES], ['AuthoritiesChange', 'Vec<AuthorityId>'], ['ChangesTrieRoot', 'Hash'], ['SealV0', '(u64, Signature)'],
    ['Consensus', '([u8; 4], Vec<u8>)'], ['Seal', '([u8; 4], Vec<u8>)'], ['PreRuntime', '([u8; 4], Vec<u8>)'],
  ),
  // Staking and sessions
  RewardDestination: choice('Staked', 'Stash', 'Controller', ['Account', 'AccountId'], 'None'),
  ElectionCompute: choice('OnChain', 'Signed', 'Unsigned'),
  ElectionSize: struct({ validators: 'Compact<ValidatorIndex>', nominators: 'Compact<NominatorIndex>' }),
  Exposure: struct({ total: 'Compact<Balance>', own: 'Compact<Balance>', others: 'Vec<IndividualExposure>' }),
  IndividualExposure: struct({ who: 'AccountId', value: 'Compact<Balance>' }),
  IdentificationTuple: '(ValidatorId, Exposure)',
  OpaqueNetworkState: struct({ peer_id: BYTES, external_addresses: 'Vec<Vec<u8>>' }),
  MembershipProof: struct({ session: 'SessionIndex', trie_nodes: 'Vec<Vec<u8>>', validator_count: 'u32' }), KeyOwnerProof: 'MembershipProof',
  GrandpaVote: struct({ target_hash: 'Hash', target_number: 'BlockNumber' }),
  GrandpaEquivocation: struct({ round_number: 'u64', identity: 'AuthorityId', first: '(GrandpaVote, Signature)', second: '(GrandpaVote, Signature)' }),
  EquivocationProof: struct({ set_id: 'SetId', equivocation: 'Equivocation' }),
  Equivocation: choice(['Prevote', 'GrandpaEquivocation'], ['Precommit', 'GrandpaEquivocation']),
  SolutionOrSnapshotSize: struct({ voters: 'Compact<u32>', targets: 'Compact<u32>' }),
  RawSolution: struct({ compact: 'CompactAssignments', score: 'ElectionScore', round: 'u32' }),
  Supports: 'Vec<(AccountId, Support)>', Support: struct({ total: 'Balance', voters: 'Vec<(AccountId, Balance)>' }),
  // The first number was never used.
  NextConfigDescriptor: choice('V0', ['V1', { c: '(u64, u64)', allowed_slots: 'AllowedSlots' }]),
  AllowedSlots: choice('PrimarySlots', 'PrimaryAndSecondaryPlainSlots', 'PrimaryAndSecondaryVRFSlots'),
  // Governance
  Conviction: choice('None', 'Locked1x', 'Locked2x', 'Locked3x', 'Locked4x', 'Locked5x', 'Locked6x'),
  AccountVote: choice(['Standard', { vote: 'Vote', balance: 'Balance' }], ['Split', { aye: 'Balance', nay: 'Balance' }]),
  VoteThreshold: choice('SuperMajorityApprove', 'SuperMajorityAgainst', 'SimpleMajority'),
  DefunctVoter: struct({ who: 'LookupSource', vote_count: 'Compact<u32>', candidate_count: 'Compact<u32>' }),
  Renouncing: choice('Member', 'RunnerUp', ['Candidate', 'Compact<u32>']),
  // Identity, claims, vesting, several signatures
  Data: choice('None', ...Array.from({ length: 33 }, (_, size): Choice => ['Raw', `[u8; ${size}]`]), ['BlakeTwo256', 'Hash'], ['Sha256', 'Hash'], ['Keccak256', 'Hash'], ['ShaThree256', 'Hash']),
  IdentityInfo: struct({
    additional: 'Vec<(Data, Data)>', display: 'Data', legal: 'Data', web: 'Data', riot: 'Data', email: 'Data', pgp_fingerprint: 'Option<H160>', image: 'Data', twitter: 'Data',
  }),
  Judgement: choice('Unknown', ['FeePaid', 'Balance'], 'Reasonable', 'KnownGood', 'OutOfDate', 'LowQuality', 'Erroneous'),
  StatementKind: choice('Regular', 'Saft'),
  VestingInfo: struct({ locked: 'Balance', per_block: 'Balance', starting_block: 'BlockNumber' }),
  Timepoint: struct({ height: 'BlockNumber', index: 'u32' }),
  // Parachains before there were any
  Scheduling: choice('Always', 'Dynamic'), ParaInfo: struct({ scheduling: 'Scheduling' }),
  SlotRange: choice('ZeroZero', 'ZeroOne', 'ZeroTwo', 'ZeroThree', 'OneOne', 'OneTwo', 'OneThree', 'TwoTwo', 'TwoThree', 'ThreeThree'),
  NewBidder: struct({ who: 'AccountId', sub: 'SubId' }),
  // Parachains
  HrmpChannelId: struct({ sender: 'ParaId', recipient: 'ParaId' }),
  CoreIndex: 'u32', GroupIndex: 'u32', MessageId: '[u8; 32]', QueryId: 'u64',
  CandidateReceipt: struct({ descriptor: 'CandidateDescriptor', commitments_hash: 'Hash' }),
  CandidateDescriptor: struct({
    para_id: 'ParaId', relay_parent: 'Hash', collator: 'CollatorId', persisted_validation_data_hash: 'Hash', pov_hash: 'Hash', erasure_root: 'Hash',
    signature: 'CollatorSignature', para_head: 'Hash', validation_code_hash: 'Hash',
  }),
}

const PROXY_TYPES: Readonly<Record<string, readonly string[]>> = {
  polkadot: ['Any', 'NonTransfer', 'Governance', 'Staking', 'UnusedSudoBalances', 'IdentityJudgement', 'CancelProxy', 'Auction'],
  westend: ['Any', 'NonTransfer', 'Staking', 'SudoBalances', 'IdentityJudgement', 'CancelProxy'],
  kusama: ['Any', 'NonTransfer', 'Governance', 'Staking', 'IdentityJudgement', 'CancelProxy', 'Auction'],
}

/** Names that code used for the call of a runtime. */
export const CALL_NAMES: ReadonlySet<string> = new Set(['Call', 'CallOf', 'Proposal', 'RuntimeCall'])

/** Validators that one nominator may vote for. */
const MOST_VOTES = 16

/** Nominators with a share for each of their validators but the last, which gets the rest. */
function votesFor(others: number, isShort: boolean): string {
  const [nominator, validator, share] = isShort ? ['Compact<NominatorIndex>', 'Compact<ValidatorIndex>', 'Compact<u16>'] : ['NominatorIndex', 'ValidatorIndex', 'u16']
  return `Vec<(${nominator}, [(${validator}, ${share}); ${others}], ${validator})>`
}

/** What a name means in a runtime; undefined where the book does not know it. */
export function lookUp(name: string, traits: RuntimeTraits): BookEntry | undefined {
  return Object.hasOwn(COMMON, name) ? COMMON[name] : changing(name, traits)
}

function changing(name: string, { chain, address, weight, namedErrors, signsVersion, references, shortVotes }: RuntimeTraits): BookEntry | undefined {
  const isLate = address === 'multi'
  switch (name) {
    case 'Weight':
      return weight
    case 'Address':
      return 'LookupSource'
    case 'DispatchInfo':
      return struct({ weight: 'Weight', class: 'DispatchClass', pays_fee: signsVersion ? 'Pays' : 'bool' })
    case 'Pays':
      return choice('Yes', 'No')
    case 'DispatchError':
      return namedErrors
        ? choice('Other', 'CannotLookup', 'BadOrigin', ['Module', { index: 'u8', error: 'u8' }], 'ConsumerRemaining', 'NoProviders', ['Token', 'TokenError'], ['Arithmetic', 'ArithmeticError'])
        : struct({ module: 'Option<u8>', error: 'u8' })
    case 'ValidatorPrefs':
      return struct({ commission: 'Compact<Perbill>', ...(isLate ? { blocked: 'bool' } : {}) })
    case 'Heartbeat':
      return struct({
        block_number: 'BlockNumber', network_state: 'OpaqueNetworkState', session_index: 'SessionIndex', authority_index: 'AuthIndex',
        ...(signsVersion ? { validators_len: 'u32' } : {}),
      })
    case 'Keys': {
      const kinds = ['grandpa', 'babe', 'im_online', ...(isLate ? ['para_validator', 'para_assignment'] : ['parachains']), 'authority_discovery']
      return struct(Object.fromEntries(kinds.map((kind) => [kind, '[u8; 32]'])))
    }
    case 'AccountInfo':
      return struct({ nonce: 'Index', references, data: 'AccountData' })
    case 'CompactAssignments':
      return struct(Object.fromEntries(Array.from({ length: MOST_VOTES }, (_, others) => [`votes${others + 1}`, votesFor(others, shortVotes)])))
    case 'ProxyType':
      return choice(...(PROXY_TYPES[chain] ?? []))
    default:
      return undefined
  }
}
