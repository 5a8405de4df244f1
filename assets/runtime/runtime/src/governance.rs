//! Acting as root, together, for another, in one go, or later.
use crate::*;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::traits::{fungible::HoldConsideration, EqualPrivilegeOnly, InstanceFilter, LinearStoragePrice};
use frame_system::EnsureRoot;
use scale_info::TypeInfo;

impl pallet_sudo::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type WeightInfo = pallet_sudo::weights::SubstrateWeight<Runtime>;
}

impl pallet_utility::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type PalletsOrigin = OriginCaller;
    type WeightInfo = pallet_utility::weights::SubstrateWeight<Runtime>;
}

parameter_types! {
    pub MultisigDeposit: Balance = deposit(1, 88);
    pub SignatoryDeposit: Balance = deposit(0, 32);
    pub ProxyDeposit: Balance = deposit(1, 8);
    pub DelegateDeposit: Balance = deposit(0, 37);
    pub AnnouncementDeposit: Balance = deposit(0, 68);
}

impl pallet_multisig::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type Currency = Balances;
    type DepositBase = MultisigDeposit;
    type DepositFactor = SignatoryDeposit;
    type MaxSignatories = ConstU32<100>;
    type WeightInfo = pallet_multisig::weights::SubstrateWeight<Runtime>;
    type BlockNumberProvider = System;
}

/// What one account may do for another.
#[derive(Copy, Clone, Debug, Eq, PartialEq, Ord, PartialOrd, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Default)]
pub enum ProxyType {
    /// Everything.
    #[default]
    Any,
    /// What cannot move money, neither at once nor by way of another account.
    NonTransfer,
    /// Setting session keys, so that the account itself can be kept away from the machine that authors.
    SessionKeys,
}

impl InstanceFilter<RuntimeCall> for ProxyType {
    fn filter(&self, call: &RuntimeCall) -> bool {
        match self {
            ProxyType::Any => true,
            ProxyType::NonTransfer => matches!(
                call,
                RuntimeCall::System(..)
                    | RuntimeCall::Authorities(..)
                    | RuntimeCall::Session(..)
                    | RuntimeCall::Utility(..)
                    | RuntimeCall::Preimage(..)
            ),
            ProxyType::SessionKeys => matches!(call, RuntimeCall::Session(..)),
        }
    }
    fn is_superset(&self, other: &Self) -> bool {
        match (self, other) {
            (ProxyType::Any, _) => true,
            (ProxyType::NonTransfer, ProxyType::SessionKeys) => true,
            _ => self == other,
        }
    }
}

impl pallet_proxy::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type Currency = Balances;
    type ProxyType = ProxyType;
    type ProxyDepositBase = ProxyDeposit;
    type ProxyDepositFactor = DelegateDeposit;
    type MaxProxies = ConstU32<32>;
    type WeightInfo = pallet_proxy::weights::SubstrateWeight<Runtime>;
    type MaxPending = ConstU32<32>;
    type CallHasher = BlakeTwo256;
    type AnnouncementDepositBase = ProxyDeposit;
    type AnnouncementDepositFactor = AnnouncementDeposit;
    type BlockNumberProvider = System;
}

parameter_types! {
    pub PreimageBaseDeposit: Balance = deposit(2, 64);
    pub PreimageByteDeposit: Balance = deposit(0, 1);
    pub const PreimageHoldReason: RuntimeHoldReason = RuntimeHoldReason::Preimage(pallet_preimage::HoldReason::Preimage);
    pub MaximumSchedulerWeight: Weight = Perbill::from_percent(80) * block_weight();
}

impl pallet_preimage::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = pallet_preimage::weights::SubstrateWeight<Runtime>;
    type Currency = Balances;
    type ManagerOrigin = EnsureRoot<AccountId>;
    type Consideration =
        HoldConsideration<AccountId, Balances, PreimageHoldReason, LinearStoragePrice<PreimageBaseDeposit, PreimageByteDeposit, Balance>>;
}

impl pallet_scheduler::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeOrigin = RuntimeOrigin;
    type PalletsOrigin = OriginCaller;
    type RuntimeCall = RuntimeCall;
    type MaximumWeight = MaximumSchedulerWeight;
    type ScheduleOrigin = EnsureRoot<AccountId>;
    type OriginPrivilegeCmp = EqualPrivilegeOnly;
    type MaxScheduledPerBlock = ConstU32<50>;
    type WeightInfo = pallet_scheduler::weights::SubstrateWeight<Runtime>;
    type Preimages = Preimage;
    type BlockNumberProvider = System;
}
