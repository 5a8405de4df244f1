//! Who may change the list, when a change counts, and what becomes of authorities that contradict themselves.
use crate::{mock::*, Accounts, Config, Error, Event, Manager, KEPT_SESSIONS};
use frame_support::{assert_noop, assert_ok, traits::Get};
use pallet_session::historical::{self, HistoricalSessions};
use sp_runtime::{DispatchError, Perbill};
use sp_staking::offence::{OffenceDetails, OnOffenceHandler};

fn root() -> RuntimeOrigin {
    RuntimeOrigin::root()
}

fn signed(account: AccountId) -> RuntimeOrigin {
    RuntimeOrigin::signed(account)
}

fn report(accounts: &[AccountId]) {
    let offenders: Vec<OffenceDetails<AccountId, (AccountId, ())>> =
        accounts.iter().map(|account| OffenceDetails { offender: (*account, ()), reporters: vec![] }).collect();
    let fractions = vec![Perbill::from_percent(10); accounts.len()];
    <Authorities as OnOffenceHandler<_, _, _>>::on_offence(&offenders, &fractions, Session::current_index());
}

fn last_event() -> RuntimeEvent {
    System::events().pop().expect("something happened").event
}

#[test]
fn the_genesis_names_the_authorities_and_the_manager() {
    network(3).execute_with(|| {
        assert_eq!(Session::validators(), vec![1, 2, 3]);
        assert_eq!(Accounts::<Test>::get(), vec![1, 2, 3]);
        assert_eq!(Manager::<Test>::get(), Some(MANAGER));
    });
}

#[test]
fn an_added_authority_is_in_the_set_two_sessions_later() {
    network(3).execute_with(|| {
        assert_ok!(Authorities::add(root(), 4));
        assert_eq!(last_event(), Event::<Test>::Added { account: 4 }.into());
        assert_eq!(Session::validators(), vec![1, 2, 3]);
        sessions(1);
        assert_eq!(Session::validators(), vec![1, 2, 3]);
        sessions(1);
        assert_eq!(Session::validators(), vec![1, 2, 3, 4]);
    });
}

#[test]
fn a_removed_authority_is_out_of_the_set_two_sessions_later_and_keeps_its_keys() {
    network(3).execute_with(|| {
        assert_ok!(Authorities::remove(root(), 2));
        assert_eq!(last_event(), Event::<Test>::Removed { account: 2 }.into());
        sessions(1);
        assert_eq!(Session::validators(), vec![1, 2, 3]);
        sessions(1);
        assert_eq!(Session::validators(), vec![1, 3]);
        assert!(pallet_session::NextKeys::<Test>::contains_key(2));
        assert_ok!(Authorities::add(root(), 2));
    });
}

#[test]
fn the_list_can_be_replaced_at_once() {
    network(3).execute_with(|| {
        assert_ok!(Authorities::set(root(), vec![5, 4]));
        assert_eq!(last_event(), Event::<Test>::Changed { accounts: vec![5, 4] }.into());
        sessions(2);
        assert_eq!(Session::validators(), vec![5, 4]);
        assert_noop!(Authorities::set(root(), vec![]), Error::<Test>::LastAuthority);
        assert_noop!(Authorities::set(root(), vec![4, 5, 4]), Error::<Test>::AlreadyAuthority);
        assert_noop!(Authorities::set(root(), vec![4, 20]), Error::<Test>::NoKeys);
        assert_noop!(Authorities::set(root(), (1..=7).collect()), Error::<Test>::TooMany);
    });
}

#[test]
fn the_list_takes_accounts_with_keys_once_and_no_more_than_its_limit() {
    network(5).execute_with(|| {
        assert_noop!(Authorities::add(root(), 20), Error::<Test>::NoKeys);
        assert_noop!(Authorities::add(root(), 5), Error::<Test>::AlreadyAuthority);
        assert_noop!(Authorities::remove(root(), 6), Error::<Test>::NotAuthority);
        assert_ok!(Authorities::add(root(), 6));
        assert_eq!(<<Test as Config>::MaxAuthorities as Get<u32>>::get(), 6);
        assert_noop!(Authorities::add(root(), 7), Error::<Test>::TooMany);
    });
}

#[test]
fn the_last_authority_cannot_be_removed() {
    network(1).execute_with(|| {
        assert_noop!(Authorities::remove(root(), 1), Error::<Test>::LastAuthority);
    });
}

#[test]
fn one_without_keys_does_not_count_as_left() {
    network(2).execute_with(|| {
        assert_ok!(Session::purge_keys(signed(2)));
        assert_eq!(Authorities::able(), 1);
        assert_noop!(Authorities::remove(root(), 1), Error::<Test>::LastAuthority);
        assert_ok!(Authorities::remove(root(), 2));
    });
}

#[test]
fn an_authority_without_keys_is_left_out_until_it_has_some() {
    network(3).execute_with(|| {
        assert_ok!(Session::purge_keys(signed(2)));
        sessions(2);
        assert_eq!(Session::validators(), vec![1, 3]);
        pallet_session::NextKeys::<Test>::insert(2, Keys { dummy: 2.into() });
        sessions(2);
        assert_eq!(Session::validators(), vec![1, 2, 3]);
    });
}

#[test]
fn root_and_the_manager_may_change_the_list_and_nobody_else() {
    network(3).execute_with(|| {
        assert_ok!(Authorities::add(signed(MANAGER), 4));
        assert_ok!(Authorities::remove(signed(MANAGER), 4));
        assert_ok!(Authorities::set(signed(MANAGER), vec![1, 2, 3]));
        for origin in [signed(1), signed(20), RuntimeOrigin::none()] {
            assert_noop!(Authorities::add(origin.clone(), 4), DispatchError::BadOrigin);
            assert_noop!(Authorities::remove(origin.clone(), 1), DispatchError::BadOrigin);
            assert_noop!(Authorities::set(origin.clone(), vec![1]), DispatchError::BadOrigin);
            assert_noop!(Authorities::set_manager(origin, Some(1)), DispatchError::BadOrigin);
        }
        assert_noop!(Authorities::set_manager(signed(MANAGER), Some(1)), DispatchError::BadOrigin);
        assert_ok!(Authorities::set_manager(root(), None));
        assert_noop!(Authorities::add(signed(MANAGER), 4), DispatchError::BadOrigin);
        assert_ok!(Authorities::set_manager(root(), Some(20)));
        assert_ok!(Authorities::add(signed(20), 4));
    });
}

#[test]
fn a_session_without_a_change_changes_nothing() {
    network(3).execute_with(|| {
        sessions(2);
        assert!(!pallet_session::QueuedChanged::<Test>::get());
        assert_ok!(Authorities::add(root(), 4));
        sessions(1);
        assert!(pallet_session::QueuedChanged::<Test>::get());
        sessions(1);
        assert!(!pallet_session::QueuedChanged::<Test>::get());
        pallet_session::NextKeys::<Test>::insert(1, Keys { dummy: 77.into() });
        sessions(1);
        assert!(pallet_session::QueuedChanged::<Test>::get());
    });
}

#[test]
fn keys_of_a_session_can_be_shown_to_have_been_its_authorities() {
    use frame_support::traits::KeyOwnerProofSystem;
    use sp_runtime::traits::OpaqueKeys;
    network(3).execute_with(|| {
        sessions(2);
        let key = (sp_runtime::key_types::DUMMY, Keys { dummy: 2.into() }.get_raw(sp_runtime::key_types::DUMMY).to_vec());
        let proof = Historical::prove(key.clone()).expect("2 is an authority");
        sessions(1);
        assert_eq!(Historical::check_proof(key, proof), Some((2, ())));
    });
}

#[test]
fn who_contradicts_itself_loses_its_place() {
    network(4).execute_with(|| {
        report(&[2]);
        assert_eq!(Accounts::<Test>::get(), vec![1, 3, 4]);
        System::assert_has_event(Event::<Test>::Expelled { account: 2, session: 0 }.into());
        assert_eq!(Session::disabled_validators(), vec![1]);
        sessions(1);
        assert_eq!((Session::validators(), Session::disabled_validators()), (vec![1, 2, 3, 4], vec![1]));
        sessions(1);
        assert_eq!((Session::validators(), Session::disabled_validators()), (vec![1, 3, 4], vec![]));
        assert_eq!(Balances::free_balance(2), 100);
    });
}

#[test]
fn fewer_than_a_third_are_disabled_but_all_lose_their_place() {
    network(4).execute_with(|| {
        report(&[2, 4]);
        assert_eq!(Session::disabled_validators(), vec![1]);
        assert_eq!(Accounts::<Test>::get(), vec![1, 3]);
        sessions(2);
        assert_eq!(Session::validators(), vec![1, 3]);
    });
}

#[test]
fn the_last_authority_stays_whatever_it_did() {
    network(3).execute_with(|| {
        report(&[1, 2, 3]);
        assert_eq!(Accounts::<Test>::get(), vec![3]);
        sessions(2);
        assert_eq!(Session::validators(), vec![3]);
        report(&[3]);
        assert_eq!(Accounts::<Test>::get(), vec![3]);
        assert_eq!(Session::disabled_validators(), Vec::<u32>::new());
        sessions(2);
        assert_eq!(Session::validators(), vec![3]);
    });
}

#[test]
fn one_reported_twice_loses_its_place_once() {
    network(4).execute_with(|| {
        report(&[2]);
        report(&[2]);
        let count = System::events().iter().filter(|record| matches!(record.event, RuntimeEvent::Authorities(Event::Expelled { .. }))).count();
        assert_eq!(count, 1);
    });
}

#[test]
fn one_that_is_no_authority_any_more_costs_nobody_a_place() {
    network(4).execute_with(|| {
        assert_ok!(Authorities::remove(root(), 2));
        sessions(2);
        report(&[2]);
        assert_eq!(Accounts::<Test>::get(), vec![1, 3, 4]);
        assert_eq!(Session::disabled_validators(), Vec::<u32>::new());
    });
}

#[test]
fn roots_of_old_sessions_are_pruned() {
    network(3).execute_with(|| {
        sessions(u64::from(KEPT_SESSIONS) + 10);
        let index = Session::current_index();
        assert!(HistoricalSessions::<Test>::get(index - KEPT_SESSIONS).is_some());
        assert!(HistoricalSessions::<Test>::get(index - KEPT_SESSIONS - 1).is_none());
        assert_eq!(historical::StoredRange::<Test>::get(), Some((index - KEPT_SESSIONS, index + 2)));
    });
}
