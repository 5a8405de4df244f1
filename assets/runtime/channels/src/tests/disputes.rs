//! What may be registered until when, which version counts, and who loses a bond.
use super::mock::*;
use crate::{channel::Phase, Call, Channels, Error, Event};
use frame_support::assert_ok;

#[test]
fn a_last_state_ends_a_dispute_and_costs_nobody_a_bond() {
    network().execute_with(|| {
        let id = open_channel(&[100, 50]);
        assert_ok!(dispute(1, id, Some(signed(id, state(3, &[100, 50]), false)), false));
        refused(call(2, Call::close { channel: id, last: signed(id, state(3, &[0, 150]), true) }), Error::NotNewer);
        after_deadline();
        assert_ok!(call(2, Call::close { channel: id, last: signed(id, state(4, &[0, 150]), true) }));
        assert_eq!((free(1), free(2)), (START - 100, START + 100));
    });
}

#[test]
fn a_dispute_without_an_update_pays_back_the_deposits() {
    network().execute_with(|| {
        let id = open_channel(&[100, 50]);
        refused(dispute(STRANGER, id, None, false), Error::NotParty);
        refused(dispute(1, id, Some(signed(id, state(0, &[150, 0]), false)), false), Error::NotNewer);
        assert_ok!(dispute(1, id, None, false));
        refused(dispute(2, id, None, false), Error::WrongPhase);
        refused(call(1, Call::conclude { channel: id }), Error::TooEarly);
        conclude(id);
        assert_ok!(withdraw(1, id));
        assert_ok!(withdraw(2, id));
        assert_eq!((free(1), free(2)), (START, START));
        assert!(Channels::<Test>::get(id).is_none());
    });
}

#[test]
fn the_highest_version_wins_and_the_deadline_does_not_move() {
    network().execute_with(|| {
        let id = open_channel(&[100, 50]);
        assert_ok!(dispute(1, id, None, false));
        let deadline = System::block_number() + CHALLENGE;
        System::set_block_number(deadline - 1);
        for version in [2, 3, 7] {
            assert_ok!(answer(STRANGER, id, signed(id, state(version, &[version, 150 - version]), false)));
            let Phase::Disputed(dispute) = phase(id) else { panic!("the dispute is over") };
            assert_eq!((dispute.deadline, dispute.registered.version), (deadline, version));
        }
        for version in [1, 6, 7] {
            refused(answer(2, id, signed(id, state(version, &[0, 150]), false)), Error::NotNewer);
        }
        System::set_block_number(deadline);
        refused(answer(2, id, signed(id, state(8, &[0, 150]), false)), Error::TooLate);
        assert_ok!(call(1, Call::conclude { channel: id }));
        refused(answer(2, id, signed(id, state(8, &[0, 150]), false)), Error::WrongPhase);
        refused(call(2, Call::close { channel: id, last: signed(id, state(9, &[0, 150]), true) }), Error::WrongPhase);
        assert_ok!(withdraw(2, id));
        assert_ok!(withdraw(1, id));
        // Party 1 registered version 0 and lost its bond: 5 to the stranger, 15 to party 2.
        assert_eq!((free(1), free(2), free(STRANGER)), (START - 93 - 20, START + 93 + 15, START + 5));
    });
}

#[test]
fn the_bond_goes_to_who_showed_it_and_to_the_other_parties() {
    network().execute_with(|| {
        let id = open_channel(&[100, 50, 0]);
        assert_ok!(dispute(1, id, Some(signed(id, state(1, &[100, 50, 0]), false)), false));
        assert_ok!(answer(3, id, signed(id, state(2, &[40, 40, 70]), false)));
        System::assert_has_event(Event::<Test>::BondLost { channel: id, party: 1, prover: 3 }.into());
        assert_eq!(free(3), START - BOND + 5);
        conclude(id);
        for party in [3, 1, 2] {
            assert_ok!(withdraw(party, id));
        }
        // Of 15, 8 go to the first of the others and 7 to the second.
        assert_eq!((free(1), free(2), free(3)), (START - 60 - 20, START - 10 + 8, START + 70 + 5 + 7));
    });
}

#[test]
fn each_liar_loses_its_bond_and_loses_it_once() {
    network().execute_with(|| {
        let id = open_channel(&[100, 50]);
        let at = |version| signed(id, state(version, &[75, 75]), false);
        assert_ok!(dispute(1, id, None, false));
        assert_ok!(answer(2, id, at(2)));
        assert_ok!(answer(1, id, at(4)));
        assert_ok!(answer(2, id, at(6)));
        assert_ok!(answer(STRANGER, id, at(8)));
        let lost = System::events().iter().filter(|record| matches!(record.event, RuntimeEvent::Channels(Event::BondLost { .. }))).count();
        assert_eq!(lost, 2);
        conclude(id);
        assert_ok!(withdraw(1, id));
        assert_ok!(withdraw(2, id));
        assert_eq!((free(1), free(2), free(STRANGER)), (START - 25, START + 25, START));
    });
}

#[test]
fn who_corrects_itself_gets_no_share() {
    network().execute_with(|| {
        let id = open_channel(&[100, 50]);
        assert_ok!(dispute(1, id, None, false));
        assert_ok!(answer(1, id, signed(id, state(1, &[100, 50]), false)));
        conclude(id);
        assert_ok!(withdraw(1, id));
        assert_ok!(withdraw(2, id));
        assert_eq!((free(1), free(2)), (START - 20, START + 20));
    });
}

#[test]
fn a_version_that_was_admitted_is_no_proof_and_the_one_after_is() {
    network().execute_with(|| {
        for (shown, lost) in [(3, 0), (4, 20)] {
            let before = free(1);
            let id = open_channel(&[100, 50]);
            assert_ok!(dispute(1, id, Some(signed(id, state(2, &[100, 50]), false)), true));
            assert_ok!(answer(2, id, signed(id, state(shown, &[100, 50]), false)));
            conclude(id);
            assert_ok!(withdraw(1, id));
            assert_ok!(withdraw(2, id));
            assert_eq!(free(1), before - lost);
        }
    });
}

#[test]
fn a_registered_version_is_told() {
    network().execute_with(|| {
        let id = open_channel(&[100, 50]);
        assert_ok!(dispute(1, id, Some(signed(id, state(5, &[100, 50]), false)), false));
        assert_eq!(registered(id), 5);
        let deadline = System::block_number() + CHALLENGE;
        System::assert_has_event(Event::<Test>::Registered { channel: id, version: 5, by: 1, deadline }.into());
    });
}
