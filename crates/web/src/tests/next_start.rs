//! The queue and its search after the app was ended and started again.

use domain::{LeadId, Verdict};
use pipeline::Tip;
use store::QueueFilter;

use super::house::House;
use crate::accounts::Role;
use crate::board::{Listed, Wanted};
use crate::glance::Glance;

fn found(house: &House, text: &str) -> Vec<LeadId> {
    let filter = QueueFilter { all_statuses: true, ..QueueFilter::default() };
    house.app.board.find(&Wanted { filter, text: text.into() }, 0, 100).ids()
}

/// A word that no posting has: whoever finds it took up the board as it was left.
const MADE_UP: &str = "нетакогослова";

fn mark(house: &House) -> LeadId {
    let lead = house.leads()[0].clone();
    house.app.board.add_word(&lead, MADE_UP);
    assert_eq!(found(house, MADE_UP), std::slice::from_ref(&lead));
    lead
}

fn tip_of(text: &str) -> Tip {
    let mut tip = Tip::default();
    tip.form.text = text.to_owned();
    tip
}

fn view(house: &House) -> std::path::PathBuf {
    house.dir().join("store/view")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_takes_up_the_queue_its_search_and_what_people_did() {
    let house = House::new().await;
    let (marked, leads) = (mark(&house), house.leads());
    house.work(|desk| {
        desk.claim(&leads[0], "Olena K.").unwrap();
        desk.decide(&leads[1], "Olena K.", Verdict::Dismiss, "an ordinary offer").unwrap();
    });
    let (acts, numbers) = (house.acts(&leads[1]), found(&house, "0637654321"));
    let house = house.started_again(|_| ()).await;
    assert_eq!(house.leads(), leads);
    assert_eq!(found(&house, MADE_UP), [marked]);
    assert_eq!((house.acts(&leads[1]), found(&house, "0637654321")), (acts, numbers));
    let open = QueueFilter::default();
    assert_eq!(house.app.board.find(&Wanted { filter: open, ..Wanted::default() }, 0, 9).total, 1);
}

/// Lists are made of the board's rows, without reading the leads.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_say_of_leads_what_the_index_says_at_the_next_start_too() {
    let house = House::new().await;
    let leads = house.leads();
    house.work(|desk| {
        desk.claim(&leads[0], "Olena K.").unwrap();
        desk.note(&leads[0], "Olena K.", "[ ] call the hotline").unwrap();
        desk.decide(&leads[1], "Olena K.", Verdict::Monitor, "again in a week").unwrap();
    });
    let of_index: Vec<String> = house.work(|desk| {
        let leads = leads.iter().map(|id| desk.store().lead(id).unwrap().unwrap());
        let told = leads.map(|lead| Listed::Told(Glance::of(&lead, None), lead.strongest));
        told.map(|lead| format!("{lead:?}")).collect()
    });
    let of_rows = |house: &House| -> Vec<String> {
        let all = QueueFilter { all_statuses: true, ..QueueFilter::default() };
        let found = house.app.board.find(&Wanted { filter: all, ..Wanted::default() }, 0, 9);
        let told = found.leads.iter().map(|lead| format!("{lead:?}"));
        let mut told: Vec<String> = told.collect();
        told.sort_by_key(|told| leads.iter().position(|id| told.contains(id.as_str())));
        told
    };
    assert_eq!(of_rows(&house), of_index);
    let house = house.started_again(|_| ()).await;
    assert_eq!(of_rows(&house), of_index);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happened_while_the_app_was_not_running_is_on_the_queue() {
    let house = House::new().await;
    let (marked, leads) = (mark(&house), house.leads());
    let house = house
        .started_again(|desk| {
            desk.claim(&leads[1], "Ion P.").unwrap();
            let tip = "Дівчат на роботу, паспорт здаєте хазяїну, документи не потрібні, вирушаємо";
            desk.tip(&tip_of(tip), "Ana M.").unwrap();
        })
        .await;
    assert_eq!(found(&house, MADE_UP), [marked]);
    assert_eq!(found(&house, "вирушаємо").len(), 1, "a new lead is not searched");
    assert_eq!(house.leads().len(), 3);
    let claimed = QueueFilter { claimed_by: Some("Ion P.".into()), ..QueueFilter::default() };
    let of_ion = house.app.board.find(&Wanted { filter: claimed, ..Wanted::default() }, 0, 9);
    assert_eq!(of_ion.ids(), leads[1..]);
    assert_eq!(house.acts(&leads[1]).len(), 1);

    // And a lead that went into another.
    let house = house
        .started_again(|desk| {
            desk.release(&leads[1], "Ion P.").unwrap();
            drop(desk.merge(&leads, "Ion P.", "one hand").unwrap());
        })
        .await;
    assert_eq!(house.leads().len(), 2);
    let both = found(&house, "координатора");
    assert_eq!((both.clone(), found(&house, "хазяїну вайбер")), (both.clone(), both));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queue_that_does_not_read_back_is_made_anew() {
    for damage in ["cut", "flipped", "other form", "of the future"] {
        let house = House::new().await;
        let leads = house.leads();
        mark(&house);
        let path = view(&house);
        let damaged = path.clone();
        let house = house
            .started_again(move |_| {
                let mut bytes = std::fs::read(&damaged).unwrap();
                let last = bytes.len() - 20;
                match damage {
                    "cut" => bytes.truncate(last),
                    "flipped" => bytes[last] ^= 1,
                    "other form" => bytes[13] = b'0',
                    // As of a log that has lost its end.
                    _ => bytes = crate::board::of_a_later_entry(&bytes),
                }
                std::fs::write(&damaged, bytes).unwrap();
            })
            .await;
        assert_eq!(house.leads(), leads, "{damage}");
        assert_eq!(found(&house, MADE_UP), [], "{damage}");
        assert_eq!(found(&house, "координатора").len(), 1, "{damage}");
        // And the next one is whole.
        mark(&house);
        let house = house.started_again(|_| ()).await;
        assert_eq!(found(&house, MADE_UP).len(), 1, "{damage}");
        assert!(!path.with_extension("part").exists());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_that_were_deleted_are_not_left_for_the_next_start() {
    let house = House::new().await;
    mark(&house);
    for lead in house.leads() {
        let by = "Olena K.";
        house.work(|desk| desk.decide(&lead, by, Verdict::Dismiss, "an ordinary offer")).unwrap();
    }
    house.clock.move_on(400 * 24 * 60);
    let report = house.work(|desk| desk.retain("Olena K.")).unwrap();
    assert_eq!(report.total().leads, 2);
    let path = view(&house);
    let house = house.started_again(move |_| assert!(!path.exists())).await;
    assert_eq!(
        (house.leads(), found(&house, "хазяїну"), found(&house, MADE_UP)),
        Default::default()
    );
}

fn frozen() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tests/frozen/board-2")
}

async fn left_by_a_house() -> Vec<u8> {
    let house = House::new().await;
    let lead = house.leads()[0].clone();
    house.work(|desk| desk.claim(&lead, "Olena K.")).unwrap();
    house.app.end().await;
    std::fs::read(view(&house)).unwrap()
}

/// What a row says, how its names are numbered and how words are cut is in these bytes. When they
/// change, a file that was left before means something else: raise the number in `board/kept.rs`, and
/// freeze anew under the new name.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_file_has_the_form_that_its_number_says() {
    assert!(left_by_a_house().await == std::fs::read(frozen()).unwrap(), "another form");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "writes the frozen file"]
async fn freezes_a_board() {
    assert!(!frozen().exists(), "{} is frozen", frozen().display());
    std::fs::create_dir_all(frozen().parent().unwrap()).unwrap();
    std::fs::write(frozen(), left_by_a_house().await).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_pages_come_before_everything_is_read_and_say_so() {
    let house = House::new().await;
    let leads = house.leads();
    house.app.board.read_nothing_yet();
    let mut olena = house.somebody("olena", &[Role::Investigator]);
    let page = olena.get("/queue").await.is(200);
    let page = page.says("still being read: 0 leads so far").says("Робота в Туреччині");
    assert!(!page.text.contains("No lead matches"));
    for lead in &leads {
        assert!(page.text.contains(&format!("id=\"{lead}\"")), "{lead}");
    }
    // What only postings can tell waits, and nobody is told that there is nothing.
    for path in ["/queue?q=паспорт", "/queue?language=uk", "/queue?contact=067"] {
        let page = olena.get(path).await.is(200).says("still being read");
        assert!(!page.text.contains("No lead matches"), "{path}");
    }
    assert_eq!(olena.get("/queue/next").await.goes_to(), format!("/leads/{}", leads[0]));
    olena.get(&format!("/leads/{}", leads[0])).await.is(200).says("earlier is still being read");
    olena.get("/audit").await.is(200).says("earlier is still being read");
    let mut mihai = house.somebody("mihai", &[Role::Liaison]);
    mihai.get(&format!("/leads/{}/packet", leads[0])).await.is(503).says("still being read");
}
