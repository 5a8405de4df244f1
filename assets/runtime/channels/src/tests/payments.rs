//! Where the money is afterwards, to the last unit.
use super::mock::*;
use crate::{Call, Error};
use frame_support::{
    assert_noop, assert_ok,
    traits::{
        fungible::{InspectFreeze, Mutate, MutateFreeze},
        tokens::Preservation,
    },
};
use sp_runtime::TokenError;

#[test]
fn each_party_withdraws_for_itself_in_any_order_and_once() {
    network().execute_with(|| {
        for order in [[1, 2, 3], [1, 3, 2], [2, 1, 3], [2, 3, 1], [3, 1, 2], [3, 2, 1]] {
            let before = [1, 2, 3].map(free);
            let id = open_channel(&[100, 50, 25]);
            refused(withdraw(1, id), Error::WrongPhase);
            assert_ok!(dispute(2, id, Some(signed(id, state(1, &[5, 160, 10]), false)), false));
            refused(withdraw(1, id), Error::WrongPhase);
            conclude(id);
            refused(withdraw(STRANGER, id), Error::NotParty);
            for (turn, party) in order.iter().enumerate() {
                assert_ok!(withdraw(*party, id));
                refused(withdraw(*party, id), if turn < 2 { Error::NothingDue } else { Error::UnknownChannel });
            }
            assert_eq!([1, 2, 3].map(free), [before[0] - 95, before[1] + 110, before[2] - 15]);
            assert_eq!([1, 2, 3].map(held), [0; 3]);
        }
    });
}

#[test]
fn a_party_with_nothing_but_dust_left_is_paid_to_the_last_unit() {
    network().execute_with(|| {
        // All but the existential deposit is in the channel.
        let id = open_channel(&[START - BOND - 10, 0]);
        assert_eq!((free(1), held(1)), (10, START - 10));
        assert_ok!(dispute(1, id, Some(signed(id, state(1, &[1, START - BOND - 11]), false)), false));
        conclude(id);
        assert_ok!(withdraw(2, id));
        assert_ok!(withdraw(1, id));
        assert_eq!((free(1), free(2)), (10 + BOND + 1, START + START - BOND - 11));
    });
}

#[test]
fn what_is_due_to_a_party_stays_on_hold_in_its_own_account() {
    network().execute_with(|| {
        let id = open_channel(&[100, 100, 0]);
        assert_ok!(dispute(1, id, Some(signed(id, state(1, &[60, 60, 80]), false)), false));
        conclude(id);
        assert_ok!(withdraw(3, id));
        // Each debtor pays what is above its own due, and not more.
        assert_eq!([1, 2, 3].map(held), [60 + BOND, 60 + BOND, 0]);
    });
}

#[test]
fn several_channels_of_one_account_do_not_touch_each_other() {
    network().execute_with(|| {
        let first = open_channel(&[100, 0]);
        let second = open_channel(&[50, 50]);
        assert_ok!(call(1, Call::close { channel: first, last: signed(first, state(1, &[0, 100]), true) }));
        assert_eq!((held(1), held(2)), (50 + BOND, 50 + BOND));
        assert_ok!(call(1, Call::close { channel: second, last: signed(second, state(1, &[100, 0]), true) }));
        assert_eq!((free(1), free(2)), (START - 50, START + 50));
    });
}

#[test]
fn freezing_an_account_does_not_keep_its_debts_from_being_paid() {
    network().execute_with(|| {
        let id = open_channel(&[100, 50]);
        assert_ok!(Balances::set_freeze(&(), &1, START));
        assert_eq!(Balances::balance_frozen(&(), &1), START);
        assert_ok!(dispute(2, id, Some(signed(id, state(1, &[0, 150]), false)), false));
        conclude(id);
        assert_ok!(withdraw(2, id));
        assert_eq!(free(2), START + 100);
    });
}

#[test]
fn what_is_on_hold_cannot_be_spent() {
    network().execute_with(|| {
        open_channel(&[900, 50]);
        assert_noop!(
            <Balances as Mutate<_>>::transfer(&1, &2, 80, Preservation::Expendable),
            TokenError::Frozen
        );
        assert_eq!((free(1), held(1)), (80, 920));
    });
}

#[test]
fn an_account_that_cannot_be_paid_leaves_its_share_to_the_parties() {
    network().execute_with(|| {
        let id = open_channel(&[100, 50]);
        assert_ok!(dispute(1, id, None, false));
        // A share of 5 is less than an account needs to exist.
        assert_ok!(answer(NOBODY, id, signed(id, state(1, &[100, 50]), false)));
        conclude(id);
        assert_ok!(withdraw(1, id));
        assert_ok!(withdraw(2, id));
        assert_eq!((free(1), free(2), free(NOBODY)), (START - 20, START + 20, 0));
    });
}
