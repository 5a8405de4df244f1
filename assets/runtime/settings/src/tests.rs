//! What the genesis may say, what it may not, and what other pallets read of it.
use crate::{self as nodestead_settings, *};
use frame_support::{assert_ok, derive_impl};
use sp_runtime::BuildStorage;

#[frame_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(RuntimeCall, RuntimeEvent, RuntimeError, RuntimeOrigin, RuntimeTask)]
    pub struct Test;
    #[runtime::pallet_index(0)]
    pub type System = frame_system;
    #[runtime::pallet_index(1)]
    pub type Settings = nodestead_settings;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = frame_system::mocking::MockBlock<Test>;
}
impl Config for Test {}

type Genesis = GenesisConfig<Test>;

fn network(genesis: Genesis) -> sp_io::TestExternalities {
    RuntimeGenesisConfig { settings: genesis, ..Default::default() }.build_storage().unwrap().into()
}

fn weight(picoseconds: u64) -> Weight {
    Weight::from_parts(picoseconds, 0)
}

#[test]
fn a_state_without_settings_has_the_defaults() {
    sp_io::TestExternalities::default().execute_with(|| {
        assert_eq!(Values::<Test>::get(), NetworkSettings::default());
        assert_eq!(<SlotDuration<Test> as Get<u64>>::get(), 6_000);
    });
    assert_eq!(Genesis::default().settings(), NetworkSettings::default());
    assert_ok!(NetworkSettings::default().check());
}

#[test]
fn other_pallets_read_what_the_genesis_said() {
    let genesis = Genesis { slot_duration: 1_000, epoch_length: 30, existential_deposit: 7, fees: true, ..Default::default() };
    network(genesis).execute_with(|| {
        assert_eq!(<SlotDuration<Test> as Get<u64>>::get(), 1_000);
        assert_eq!(<MinimumPeriod<Test> as Get<u64>>::get(), 500);
        assert_eq!(<EpochLength<Test> as Get<u64>>::get(), 30);
        assert_eq!(<EpochLength<Test> as Get<u32>>::get(), 30);
        assert_eq!(<ExistentialDeposit<Test> as Get<u128>>::get(), 7);
        assert_eq!(FeeForWeight::<Test>::weight_to_fee(&weight(125)), 125);
        assert_eq!(FeeForLength::<Test>::weight_to_fee(&weight(150)), 150_000_000);
        assert_eq!(<Unit<Test> as Get<u128>>::get(), 1_000_000_000_000);
    });
}

#[test]
fn fees_can_be_off() {
    network(Genesis { fees: false, ..Default::default() }).execute_with(|| {
        assert_eq!(FeeForWeight::<Test>::weight_to_fee(&weight(u64::MAX)), 0);
        assert_eq!(FeeForLength::<Test>::weight_to_fee(&weight(u64::MAX)), 0);
    });
}

#[test]
fn fees_are_parts_of_a_token_whatever_its_decimals() {
    for (unit, per_second, per_kilobyte) in [(1, 1, 0), (1_000_000, 1_000_000, 1_000), (10u128.pow(18), 10u128.pow(18), 10u128.pow(15))] {
        network(Genesis { unit, ..Default::default() }).execute_with(|| {
            assert_eq!(FeeForWeight::<Test>::weight_to_fee(&weight(WEIGHT_REF_TIME_PER_SECOND)), per_second);
            assert_eq!(FeeForLength::<Test>::weight_to_fee(&weight(1_000)), per_kilobyte);
        });
    }
}

#[test]
fn the_greatest_fee_is_no_small_one() {
    network(Genesis { unit: *UNITS.end(), ..Default::default() }).execute_with(|| {
        assert_eq!(FeeForLength::<Test>::weight_to_fee(&weight(u64::MAX)), u128::MAX / 1_000_000);
    });
}

#[test]
fn both_ends_of_every_range_are_allowed() {
    let usual = NetworkSettings::default();
    for slot_duration in [100, 1_000, 60_000] {
        assert_ok!(NetworkSettings { slot_duration, ..usual.clone() }.check());
    }
    for epoch_length in [2, 604_800] {
        assert_ok!(NetworkSettings { epoch_length, ..usual.clone() }.check());
    }
    for unit in [1, 10u128.pow(30)] {
        assert_ok!(NetworkSettings { unit, ..usual.clone() }.check());
    }
    assert_ok!(NetworkSettings { existential_deposit: 1, ..usual }.check());
}

#[test]
fn what_is_wrong_is_named_with_its_reason() {
    let usual = NetworkSettings::default();
    let said = |settings: NetworkSettings| settings.check().unwrap_err();
    for slot_duration in [0, 99, 60_001, u64::MAX] {
        let text = said(NetworkSettings { slot_duration, ..usual.clone() });
        assert!(text.contains(&format!("slotDuration is {slot_duration} ms")) && text.contains("from 100 to 60000"), "{text}");
    }
    assert!(said(NetworkSettings { slot_duration: 1_001, ..usual.clone() }).contains("even"));
    for epoch_length in [0, 1, 604_801] {
        let text = said(NetworkSettings { epoch_length, ..usual.clone() });
        assert!(text.contains(&format!("epochLength is {epoch_length} slots")) && text.contains("from 2 to 604800"), "{text}");
    }
    for unit in [0, 10u128.pow(30) + 1] {
        let text = said(NetworkSettings { unit, ..usual.clone() });
        assert!(text.contains(&format!("unit is {unit}")) && text.contains("from 1 to 10^30"), "{text}");
    }
    assert!(said(NetworkSettings { existential_deposit: 0, ..usual }).contains("existentialDeposit is 0"));
}

#[test]
#[should_panic(expected = "the settings of the genesis hold")]
fn a_genesis_is_not_built_with_what_is_wrong() {
    network(Genesis { epoch_length: 0, ..Default::default() });
}

#[test]
fn json_names_are_those_of_specifications() {
    let text = r#"{"slotDuration":1000,"epochLength":10,"existentialDeposit":340282366920938463463374607431768211455,"fees":false,"unit":1000000}"#;
    let genesis: Genesis = serde_json::from_str(text).unwrap();
    assert_eq!(genesis.settings(), NetworkSettings { slot_duration: 1_000, epoch_length: 10, existential_deposit: u128::MAX, fees: false, unit: 1_000_000 });
    assert_eq!(serde_json::to_string(&genesis).unwrap(), text);
    assert!(serde_json::from_str::<Genesis>(r#"{"slotLength":1000}"#).is_err());
}
