//! Which signed states count, and how a channel closes by the last one.
use super::mock::*;
use crate::{message::*, Call, Channels, Error, Event};
use codec::Encode;
use frame_support::assert_ok;
use sp_core::H256;

#[test]
fn who_agree_are_paid_at_once() {
    network().execute_with(|| {
        let id = open_channel(&[100, 50]);
        assert_ok!(call(STRANGER, Call::close { channel: id, last: signed(id, state(1, &[30, 120]), true) }));
        assert_eq!((free(1), free(2), held(1), held(2)), (START - 70, START + 70, 0, 0));
        assert!(Channels::<Test>::get(id).is_none());
        System::assert_has_event(Event::<Test>::Closed { channel: id, version: 1 }.into());
    });
}

#[test]
fn a_last_state_is_no_update_and_an_update_is_no_last_state() {
    network().execute_with(|| {
        let id = open_channel(&[100, 50]);
        let update = signed(id, state(1, &[30, 120]), false);
        let last = signed(id, state(2, &[30, 120]), true);
        refused(call(1, Call::close { channel: id, last: update.clone() }), Error::BadSignature);
        refused(dispute(1, id, Some(last.clone()), false), Error::BadSignature);
        assert_ok!(dispute(1, id, Some(update), false));
        refused(answer(2, id, last), Error::BadSignature);
    });
}

#[test]
fn a_state_counts_with_the_signature_of_each_party_under_it_and_nothing_else() {
    network().execute_with(|| {
        let id = open_channel(&[100, 50]);
        let other = open_channel(&[100, 50]);
        let good = signed(id, state(1, &[30, 120]), false);
        let with = |change: &dyn Fn(&mut SignedState<Test>)| {
            let mut changed = good.clone();
            change(&mut changed);
            dispute(1, id, Some(changed), false)
        };
        refused(with(&|it| it.signatures = list(&it.signatures[..1])), Error::BadSignature);
        refused(with(&|it| it.signatures = list(&[it.signatures[1].clone(), it.signatures[0].clone()])), Error::BadSignature);
        refused(with(&|it| it.signatures[1] = it.signatures[0].clone()), Error::BadSignature);
        refused(with(&|it| it.signatures.try_push(it.signatures[0].clone()).unwrap()), Error::BadSignature);
        refused(with(&|it| it.state.version = 2), Error::BadSignature);
        refused(with(&|it| it.state.balances = list(&[31, 119])), Error::BadSignature);
        refused(dispute(1, other, Some(good.clone()), false), Error::BadSignature);
        assert_ok!(dispute(1, id, Some(good.clone()), false));
        // The same channel on another chain.
        frame_system::BlockHash::<Test>::insert(0, H256::repeat_byte(7));
        refused(dispute(1, other, Some(signed(id, state(1, &[30, 120]), false)), false), Error::BadSignature);
    });
}

#[test]
fn what_is_signed_is_what_is_documented() {
    network().execute_with(|| {
        let id = H256::repeat_byte(0xab);
        let message = state(258, &[1, 2]).message(&H256::repeat_byte(0xcd), &id, true);
        let expected = [&b"nodestead/channel/v1"[..], &[0xcd; 32], &[0xab; 32], &[2, 1, 0, 0, 0, 0, 0, 0], &[1], &vec![1u64, 2].encode()].concat();
        assert_eq!(message, expected);
    });
}

#[test]
fn a_wallet_may_put_its_marks_around() {
    network().execute_with(|| {
        let id = open_channel(&[100, 50]);
        let mut good = signed(id, state(1, &[30, 120]), false);
        let message = good.state.message(&genesis(), &id, false);
        good.signatures[1] = Seal::new(2, &[&b"<Bytes>"[..], &message, b"</Bytes>"].concat());
        assert_ok!(dispute(1, id, Some(good), false));
    });
}

#[test]
fn balances_have_to_be_what_is_in_the_channel() {
    network().execute_with(|| {
        let id = open_channel(&[100, 50]);
        for balances in [&[100, 49][..], &[100, 51], &[150], &[150, 0, 0], &[u64::MAX, 151]] {
            refused(dispute(1, id, Some(signed(id, state(1, balances), false)), false), Error::BadBalances);
        }
    });
}
