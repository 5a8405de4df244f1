//! Who makes blocks and who finalizes them: the author engine (BABE, or Aura with the feature), GRANDPA, sessions and what becomes of
//! authorities that contradict themselves.
use crate::*;
use frame_support::traits::ConstU64;
use nodestead_settings::{EpochLength, MinimumPeriod};
use sp_runtime::{
    impl_opaque_keys,
    traits::{Convert, ConvertInto, OpaqueKeys},
};

/// The most authorities that a network may have.
pub type MaxAuthorities = ConstU32<256>;

#[cfg(not(feature = "aura"))]
impl_opaque_keys! {
    pub struct SessionKeys {
        pub grandpa: Grandpa,
        pub babe: Babe,
    }
}

#[cfg(feature = "aura")]
impl_opaque_keys! {
    pub struct SessionKeys {
        pub grandpa: Grandpa,
        pub aura: Aura,
    }
}

#[cfg(not(feature = "aura"))]
pub type Engine = Babe;
#[cfg(feature = "aura")]
pub type Engine = Aura;

impl pallet_timestamp::Config for Runtime {
    type Moment = u64;
    type OnTimestampSet = Engine;
    type MinimumPeriod = MinimumPeriod<Runtime>;
    type WeightInfo = pallet_timestamp::weights::SubstrateWeight<Runtime>;
}

/// For how many blocks a report is worth keeping in a pool: a day of them.
pub struct ReportLongevity;
impl Get<u64> for ReportLongevity {
    fn get() -> u64 {
        24 * 3600 * 1000 / SlotDuration::<Runtime>::get()
    }
}

#[cfg(not(feature = "aura"))]
impl pallet_babe::Config for Runtime {
    type EpochDuration = EpochLength<Runtime>;
    type ExpectedBlockTime = SlotDuration<Runtime>;
    type EpochChangeTrigger = pallet_babe::ExternalTrigger;
    type DisabledValidators = Session;
    type WeightInfo = ();
    type MaxAuthorities = MaxAuthorities;
    type MaxNominators = ConstU32<0>;
    type KeyOwnerProof = sp_session::MembershipProof;
    type EquivocationReportSystem = pallet_babe::EquivocationReportSystem<Self, Offences, Historical, ReportLongevity>;
}

#[cfg(feature = "aura")]
impl pallet_aura::Config for Runtime {
    type AuthorityId = sp_consensus_aura::sr25519::AuthorityId;
    type DisabledValidators = Session;
    type MaxAuthorities = MaxAuthorities;
    type AllowMultipleBlocksPerSlot = frame_support::traits::ConstBool<false>;
    type SlotDuration = SlotDuration<Runtime>;
}

impl pallet_grandpa::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = ();
    type MaxAuthorities = MaxAuthorities;
    type MaxNominators = ConstU32<0>;
    type MaxSetIdSessionEntries = ConstU64<{ nodestead_authorities::KEPT_SESSIONS as u64 }>;
    type KeyOwnerProof = sp_session::MembershipProof;
    type EquivocationReportSystem = pallet_grandpa::EquivocationReportSystem<Self, Offences, Historical, ReportLongevity>;
}

impl pallet_authorship::Config for Runtime {
    type FindAuthor = pallet_session::FindAccountFromAuthorIndex<Self, Engine>;
    type EventHandler = ();
}

impl nodestead_authorities::Config for Runtime {
    type MaxAuthorities = MaxAuthorities;
}

/// A session ends with an epoch: BABE says when; Aura has none, there it is a number of blocks.
#[cfg(not(feature = "aura"))]
pub type SessionEnd = Babe;
#[cfg(feature = "aura")]
pub type SessionEnd = pallet_session::PeriodicSessions<EpochLength<Runtime>, ConstU32<0>>;

impl pallet_session::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type ValidatorId = AccountId;
    type ValidatorIdOf = ConvertInto;
    type ShouldEndSession = SessionEnd;
    type NextSessionRotation = SessionEnd;
    type SessionManager = pallet_session::historical::NoteHistoricalRoot<Self, Authorities>;
    type SessionHandler = <SessionKeys as OpaqueKeys>::KeyTypeIdProviders;
    type Keys = SessionKeys;
    type DisablingStrategy = pallet_session::disabling::UpToLimitDisablingStrategy;
    type WeightInfo = pallet_session::weights::SubstrateWeight<Runtime>;
    type Currency = Balances;
    type KeyDeposit = frame_support::traits::ConstU128<0>;
}

/// An authority is its account; there is no stake behind it to tell of.
pub struct NoIdentification;
impl Convert<AccountId, Option<()>> for NoIdentification {
    fn convert(_: AccountId) -> Option<()> {
        Some(())
    }
}

impl pallet_session::historical::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type FullIdentification = ();
    type FullIdentificationOf = NoIdentification;
}

impl pallet_offences::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type IdentificationTuple = pallet_session::historical::IdentificationTuple<Self>;
    type OnOffenceHandler = Authorities;
}

impl pallet_mmr::Config for Runtime {
    const INDEXING_PREFIX: &'static [u8] = sp_mmr_primitives::INDEXING_PREFIX;
    type Hashing = sp_runtime::traits::Keccak256;
    type LeafData = pallet_mmr::ParentNumberAndHash<Self>;
    type OnNewRoot = ();
    type BlockHashProvider = pallet_mmr::DefaultBlockHashProvider<Runtime>;
    type WeightInfo = ();
}

impl<C> frame_system::offchain::CreateTransactionBase<C> for Runtime
where
    RuntimeCall: From<C>,
{
    type RuntimeCall = RuntimeCall;
    type Extrinsic = UncheckedExtrinsic;
}

// Reports of equivocations are extrinsics without a signature.
impl<C> frame_system::offchain::CreateBare<C> for Runtime
where
    RuntimeCall: From<C>,
{
    fn create_bare(call: RuntimeCall) -> UncheckedExtrinsic {
        UncheckedExtrinsic::new_bare(call)
    }
}
