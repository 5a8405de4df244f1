//! How a channel begins: which terms it may have, and who joins or calls it off.
use super::mock::*;
use crate::{channel::Phase, Call, Channels, Count, Error, Event};
use frame_support::{assert_err, assert_ok};
use sp_core::H256;
use sp_runtime::TokenError;

#[test]
fn parties_put_their_parts_on_hold() {
    network().execute_with(|| {
        let id = propose(&[1, 2], &[100, 50]);
        assert_eq!((free(1), held(1), held(2)), (START - 120, 120, 0));
        assert_eq!(phase(id), Phase::Opening);
        assert_ok!(call(2, Call::join { channel: id }));
        assert_eq!((free(2), held(2)), (START - 70, 70));
        assert_eq!(phase(id), Phase::Open);
        System::assert_has_event(Event::<Test>::Opened { channel: id }.into());
    });
}

#[test]
fn a_party_can_bring_in_nothing_but_its_bond() {
    network().execute_with(|| {
        open_channel(&[100, 0]);
        assert_eq!((held(1), held(2)), (120, BOND));
    });
}

#[test]
fn terms_that_make_no_sense_are_refused() {
    network().execute_with(|| {
        let open = |parties: &[AccountId], deposits: &[u64], bond, challenge| {
            call(1, Call::open { parties: list(parties), deposits: list(deposits), bond, challenge })
        };
        refused(open(&[1], &[1], BOND, CHALLENGE), Error::BadParties);
        refused(open(&[1, 2], &[1], BOND, CHALLENGE), Error::BadParties);
        refused(open(&[1, 2, 1], &[1, 2, 3], BOND, CHALLENGE), Error::BadParties);
        refused(open(&[2, 3], &[1, 2], BOND, CHALLENGE), Error::NotParty);
        refused(open(&[1, 2], &[1, 2], 9, CHALLENGE), Error::BondTooSmall);
        refused(open(&[1, 2], &[1, 2], BOND, 1), Error::BadChallenge);
        refused(open(&[1, 2], &[1, 2], BOND, 101), Error::BadChallenge);
        refused(open(&[1, 2], &[1, u64::MAX], BOND, CHALLENGE), Error::TooMuch);
        assert_err!(open(&[1, 2], &[START, 0], BOND, CHALLENGE), TokenError::FundsUnavailable);
        // What an account needs to exist is not to be put in.
        assert_err!(open(&[1, 2], &[START - BOND, 0], BOND, CHALLENGE), TokenError::FundsUnavailable);
        assert_ok!(open(&[1, 2], &[START - BOND - 10, 0], BOND, CHALLENGE));
    });
}

#[test]
fn two_channels_with_the_same_terms_have_identifiers_of_their_own() {
    network().execute_with(|| {
        assert_ne!(open_channel(&[10, 10]), open_channel(&[10, 10]));
        assert_eq!((Count::<Test>::get(), held(1)), (2, 60));
    });
}

#[test]
fn only_parties_join_and_only_once() {
    network().execute_with(|| {
        let id = propose(&[1, 2, 3], &[10, 10, 10]);
        refused(call(STRANGER, Call::join { channel: id }), Error::NotParty);
        refused(call(1, Call::join { channel: id }), Error::AlreadyJoined);
        refused(call(2, Call::join { channel: H256::zero() }), Error::UnknownChannel);
        assert_ok!(call(2, Call::join { channel: id }));
        refused(dispute(1, id, None, false), Error::WrongPhase);
        assert_ok!(call(3, Call::join { channel: id }));
        refused(call(3, Call::join { channel: id }), Error::WrongPhase);
    });
}

#[test]
fn until_all_have_joined_each_party_may_call_it_off() {
    network().execute_with(|| {
        for caller in [1, 2, 3] {
            let id = propose(&[1, 2, 3], &[10, 20, 30]);
            assert_ok!(call(2, Call::join { channel: id }));
            refused(call(STRANGER, Call::call_off { channel: id }), Error::NotParty);
            assert_ok!(call(caller, Call::call_off { channel: id }));
            assert!(Channels::<Test>::get(id).is_none());
            assert_eq!([1, 2, 3].map(|party| (free(party), held(party))), [(START, 0); 3]);
            refused(call(3, Call::join { channel: id }), Error::UnknownChannel);
        }
        let id = open_channel(&[10, 20]);
        refused(call(1, Call::call_off { channel: id }), Error::WrongPhase);
    });
}
