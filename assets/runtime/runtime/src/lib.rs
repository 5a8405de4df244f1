//! The runtime of our own networks: FRAME's pallets and three of ours, put together.
//!
//! One build serves every network. What differs between them is in the genesis (`genesis.rs`, and the pallet `Settings`): slots,
//! epochs, deposits, fees, who authors, who is root. `consensus.rs`, `money.rs`, `governance.rs` and `contracts.rs` configure the
//! pallets, `apis.rs` is what a node calls.
//!
//! With the feature `aura` the same sources make a runtime in which Aura stands in BABE's place. It is for tests of that engine.
#![no_std]
#![recursion_limit = "256"]
extern crate alloc;

mod apis;
mod consensus;
mod contracts;
mod genesis;
mod governance;
mod money;

use alloc::{borrow::Cow, vec::Vec};
use apis::RUNTIME_API_VERSIONS;
use frame_support::{
    derive_impl, parameter_types,
    traits::{ConstU16, ConstU32, Contains},
    weights::{constants::WEIGHT_REF_TIME_PER_MILLIS, Weight},
};
use frame_system::limits::{BlockLength, BlockWeights};
use nodestead_settings::{SlotDuration, Unit};
use sp_runtime::{
    generic,
    traits::{BlakeTwo256, Get, IdentifyAccount, Verify},
    MultiAddress, MultiSignature, Perbill,
};
use sp_version::RuntimeVersion;

pub use consensus::SessionKeys;
pub use nodestead_settings::Balance;

pub type Signature = MultiSignature;
pub type AccountId = <<Signature as Verify>::Signer as IdentifyAccount>::AccountId;
pub type Nonce = u32;
pub type Hash = sp_core::H256;
pub type BlockNumber = u32;
pub type Address = MultiAddress<AccountId, ()>;
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
pub type TxExtension = (
    frame_system::CheckNonZeroSender<Runtime>,
    frame_system::CheckSpecVersion<Runtime>,
    frame_system::CheckTxVersion<Runtime>,
    frame_system::CheckGenesis<Runtime>,
    frame_system::CheckEra<Runtime>,
    frame_system::CheckNonce<Runtime>,
    frame_system::CheckWeight<Runtime>,
    pallet_transaction_payment::ChargeTransactionPayment<Runtime>,
);
pub type UncheckedExtrinsic = generic::UncheckedExtrinsic<Address, RuntimeCall, Signature, TxExtension>;
pub type Block = generic::Block<Header, UncheckedExtrinsic>;
pub type Executive = frame_executive::Executive<Runtime, Block, frame_system::ChainContext<Runtime>, Runtime, AllPalletsWithSystem>;

/// What is charged for entries that stay in the state, while they do: a hundredth of a token for each, and one for a hundred bytes.
pub fn deposit(items: u32, bytes: u32) -> Balance {
    let unit = Unit::<Runtime>::get();
    (unit / 100).saturating_mul(items.into()).saturating_add(unit.saturating_mul(bytes.into()) / 10_000)
}

#[cfg(not(feature = "aura"))]
#[sp_version::runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
    spec_name: Cow::Borrowed("nodestead"),
    impl_name: Cow::Borrowed("nodestead"),
    authoring_version: 1,
    spec_version: 1,
    impl_version: 1,
    apis: RUNTIME_API_VERSIONS,
    transaction_version: 1,
    system_version: 1,
};

#[cfg(feature = "aura")]
#[sp_version::runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
    spec_name: Cow::Borrowed("nodestead-aura"),
    impl_name: Cow::Borrowed("nodestead"),
    authoring_version: 1,
    spec_version: 1,
    impl_version: 1,
    apis: RUNTIME_API_VERSIONS,
    transaction_version: 1,
    system_version: 1,
};

/// Of a block's time and length, what transactions of no special class may take.
const NORMAL: Perbill = Perbill::from_percent(75);
const MAX_BLOCK_BYTES: u32 = 5 * 1024 * 1024;

/// How long the execution of a block may take: a third of a slot, two seconds at most, half a second at least.
pub fn block_weight() -> Weight {
    let milliseconds = (SlotDuration::<Runtime>::get() / 3).clamp(500, 2_000);
    Weight::from_parts(WEIGHT_REF_TIME_PER_MILLIS.saturating_mul(milliseconds), u64::MAX)
}

parameter_types! {
    pub const Version: RuntimeVersion = VERSION;
    pub const BlockHashCount: BlockNumber = 2400;
    pub RuntimeBlockWeights: BlockWeights = BlockWeights::with_sensible_defaults(block_weight(), NORMAL);
    pub RuntimeBlockLength: BlockLength = BlockLength::builder().max_length(MAX_BLOCK_BYTES).modify_max_length_for_class(
        frame_support::dispatch::DispatchClass::Normal, |length| *length = NORMAL * *length).build();
}

/// Session keys cannot be purged where one authority alone has any: nobody would make blocks any more.
pub struct CallFilter;
impl Contains<RuntimeCall> for CallFilter {
    fn contains(call: &RuntimeCall) -> bool {
        !matches!(call, RuntimeCall::Session(pallet_session::Call::purge_keys { .. })) || Authorities::able() > 1
    }
}

#[derive_impl(frame_system::config_preludes::SolochainDefaultConfig)]
impl frame_system::Config for Runtime {
    type AccountData = pallet_balances::AccountData<Balance>;
    type BaseCallFilter = CallFilter;
    type Block = Block;
    type BlockHashCount = BlockHashCount;
    type BlockLength = RuntimeBlockLength;
    type BlockWeights = RuntimeBlockWeights;
    type DbWeight = frame_support::weights::constants::RocksDbWeight;
    type MaxConsumers = ConstU32<16>;
    type SS58Prefix = ConstU16<42>;
    type SystemWeightInfo = frame_system::weights::SubstrateWeight<Self>;
    type Version = Version;
}

impl nodestead_settings::Config for Runtime {}

// Pallets are initialized, and read their genesis, in this order: the settings come before whatever asks for them.
#[frame_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeFreezeReason,
        RuntimeHoldReason,
        RuntimeSlashReason,
        RuntimeLockId,
        RuntimeTask,
        RuntimeViewFunction
    )]
    pub struct Runtime;

    #[runtime::pallet_index(0)]
    pub type System = frame_system;
    #[runtime::pallet_index(16)]
    pub type Settings = nodestead_settings;
    #[runtime::pallet_index(1)]
    pub type Timestamp = pallet_timestamp;
    #[cfg(not(feature = "aura"))]
    #[runtime::pallet_index(2)]
    pub type Babe = pallet_babe;
    #[cfg(feature = "aura")]
    #[runtime::pallet_index(21)]
    pub type Aura = pallet_aura;
    #[runtime::pallet_index(3)]
    pub type Authorship = pallet_authorship;
    #[runtime::pallet_index(4)]
    pub type Balances = pallet_balances;
    #[runtime::pallet_index(5)]
    pub type TransactionPayment = pallet_transaction_payment;
    #[runtime::pallet_index(6)]
    pub type Authorities = nodestead_authorities;
    #[runtime::pallet_index(7)]
    pub type Offences = pallet_offences;
    #[runtime::pallet_index(8)]
    pub type Historical = pallet_session::historical;
    #[runtime::pallet_index(9)]
    pub type Session = pallet_session;
    #[runtime::pallet_index(10)]
    pub type Grandpa = pallet_grandpa;
    #[runtime::pallet_index(11)]
    pub type Sudo = pallet_sudo;
    #[runtime::pallet_index(12)]
    pub type Utility = pallet_utility;
    #[runtime::pallet_index(13)]
    pub type Multisig = pallet_multisig;
    #[runtime::pallet_index(14)]
    pub type Proxy = pallet_proxy;
    #[runtime::pallet_index(15)]
    pub type Contracts = pallet_contracts;
    #[runtime::pallet_index(17)]
    pub type Preimage = pallet_preimage;
    #[runtime::pallet_index(18)]
    pub type Scheduler = pallet_scheduler;
    #[runtime::pallet_index(19)]
    pub type Mmr = pallet_mmr;
    #[runtime::pallet_index(20)]
    pub type Channels = nodestead_channels;
}
