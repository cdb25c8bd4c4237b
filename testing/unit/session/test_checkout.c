/* SPDX-License-Identifier: GPL-2.0-or-later */

/**
 * Who has a session, and what waits for it, with charon's workers: a single one for
 * all of this, so that whatever waits in it stops everything.
 */

#include <criterion/criterion.h>

#include "coi_pair.h"
#include "entries.h"

#include "session/coi_checkout.h"
#include "session/coi_session_table.h"
#include "session/coi_work_queue.h"

#include <threading/mutex.h>
#include <threading/semaphore.h>
#include <processing/jobs/callback_job.h>

/** as many as a stranger likes */
#define MANY 100

static coi_session_table_t table;
static coi_checkout_t *holder;
static coi_work_queue_t *queue;
static mutex_t *mutex;
/** posted for each work that is done, dropped or abandoned */
static semaphore_t *done;

/** what became of works, written by the worker before it posts */
static uint8_t order[MANY];
static u_int count, dropped, abandoned;

METHOD(coi_session_table_t, take, coi_checkout_turn_t,
	coi_session_table_t *this, uintptr_t id, coi_work_t *work,
	   coi_session_entry_t **entry)
{
	coi_checkout_turn_t turn = COI_CHECKOUT_GONE;

	mutex->lock(mutex);
	if (holder)
	{
		turn = coi_checkout_take(holder, work, entry);
	}
	mutex->unlock(mutex);
	return turn;
}

/** Give the session back; the next work gets it, if there is one. */
static coi_term_t checkin(coi_session_entry_t *entry)
{
	coi_work_t *next;
	coi_term_t why;

	mutex->lock(mutex);
	why = coi_checkout_checkin(holder, &next);
	mutex->unlock(mutex);
	if (next)
	{
		queue->resume(queue, next, entry);
	}
	return why;
}

static void on_work(coi_work_t *work, coi_session_entry_t *entry)
{
	if (entry)
	{
		order[count++] = work->datagram.len ? work->datagram.ptr[0] : 0xff;
		checkin(entry);
	}
	else
	{
		dropped += work->dropped;
		abandoned += !work->dropped;
	}
	done->post(done);
}

CALLBACK(on_other, job_requeue_t,
	void *unused)
{
	done->post(done);
	return JOB_REQUEUE_NONE;
}

static void setup()
{
	coi_test_init();
	table.take = _take;
	mutex = mutex_create(MUTEX_TYPE_DEFAULT);
	done = semaphore_create(0);
	queue = coi_work_queue_create(&table, 2 * MANY);
	holder = entries_initiator("192.0.2.1", "192.0.2.2", 4570);
	/* one is kept for critical jobs */
	lib->processor->set_threads(lib->processor, 2);
}

static void teardown()
{
	lib->processor->cancel(lib->processor);
	if (holder)
	{
		entries_destroy(holder);
	}
	queue->destroy(queue);
	done->destroy(done);
	mutex->destroy(mutex);
}

TestSuite(holder, .init = setup, .fini = teardown, .timeout = 20);

static coi_work_t *make(uint8_t octet)
{
	host_t *host = host_create_from_string("192.0.2.2", 4570);
	coi_header_t header = {};
	coi_work_t *work;

	work = coi_work_create(NULL, 1, on_work);
	coi_work_set_datagram(work, COI_EV_TERM, host, chunk_from_thing(octet),
						  &header);
	host->destroy(host);
	return work;
}

static void wait_for(u_int works)
{
	while (works--)
	{
		done->wait(done);
	}
}

Test(holder, nothing_waits_in_a_worker)
{
	uint8_t i;

	for (i = 0; i < MANY; i++)
	{
		cr_assert(queue->offer(queue, make(i)));
	}
	/* all that do not fit are dropped, though nobody gives the session back */
	wait_for(MANY - COI_CHECKOUT_MAX);
	cr_expect_eq(dropped, MANY - COI_CHECKOUT_MAX);
	cr_expect_eq(holder->datagrams, COI_CHECKOUT_MAX);
	/* and there is a worker for everything else */
	lib->processor->queue_job(lib->processor,
			(job_t*)callback_job_create(on_other, NULL, NULL, NULL));
	wait_for(1);
	cr_expect_eq(count, 0);

	checkin(holder->entry);
	wait_for(COI_CHECKOUT_MAX);
	cr_expect_eq(count, COI_CHECKOUT_MAX);
	for (i = 0; i < COI_CHECKOUT_MAX; i++)
	{
		cr_expect_eq(order[i], i, "in their order");
	}
	cr_expect_eq(holder->datagrams, 0);
	cr_expect_not(holder->checked_out);

	/* nobody has it */
	cr_assert(queue->offer(queue, make(77)));
	wait_for(1);
	cr_expect_eq(order[COI_CHECKOUT_MAX], 77);
	cr_expect_not(holder->checked_out);
}

Test(holder, the_very_datagram_waits_once)
{
	u_int i;

	for (i = 0; i < MANY; i++)
	{
		cr_assert(queue->offer(queue, make(1)));
	}
	cr_assert(queue->offer(queue, make(2)));
	wait_for(MANY - 1);
	cr_expect_eq(dropped, MANY - 1);
	checkin(holder->entry);
	wait_for(2);
	cr_expect_eq(order[0], 1);
	cr_expect_eq(order[1], 2);
}

Test(holder, what_no_stranger_causes_is_never_dropped)
{
	u_int i;

	for (i = 0; i < COI_CHECKOUT_MAX; i++)
	{
		cr_assert(queue->offer(queue, make(i)));
	}
	for (i = 0; i < 2 * COI_CHECKOUT_MAX; i++)
	{
		queue->add(queue, coi_work_create(NULL, 1, on_work));
	}
	lib->processor->queue_job(lib->processor,
			(job_t*)callback_job_create(on_other, NULL, NULL, NULL));
	wait_for(1);
	cr_expect_eq(dropped, 0);
	checkin(holder->entry);
	wait_for(3 * COI_CHECKOUT_MAX);
	cr_expect_eq(count, 3 * COI_CHECKOUT_MAX);
	cr_expect_eq(order[COI_CHECKOUT_MAX - 1], COI_CHECKOUT_MAX - 1);
	cr_expect_eq(order[COI_CHECKOUT_MAX], 0xff);
}

Test(holder, works_of_a_session_that_ends)
{
	coi_work_t *left, *next;
	coi_checkout_t *gone = holder;
	u_int i;

	for (i = 0; i < 3; i++)
	{
		cr_assert(queue->offer(queue, make(i)));
	}
	lib->processor->queue_job(lib->processor,
			(job_t*)callback_job_create(on_other, NULL, NULL, NULL));
	wait_for(1);
	mutex->lock(mutex);
	holder = NULL;
	left = coi_checkout_take_all(gone);
	mutex->unlock(mutex);
	for (i = 0; left; i++, left = next)
	{
		next = left->next;
		coi_work_abandon(left);
	}
	cr_expect_eq(i, 3);
	cr_expect_eq(abandoned, 3);
	entries_destroy(gone);
	/* there is none any more */
	cr_assert(queue->offer(queue, make(4)));
	wait_for(4);
	cr_expect_eq(abandoned, 4);
	cr_expect_eq(count, 0);
}

Test(holder, a_close_comes_before_what_waits)
{
	cr_assert(queue->offer(queue, make(1)));
	lib->processor->queue_job(lib->processor,
			(job_t*)callback_job_create(on_other, NULL, NULL, NULL));
	wait_for(1);
	cr_expect_null(coi_checkout_try_checkout(holder, COI_TERM_SHUTDOWN));
	cr_expect_eq(checkin(holder->entry), COI_TERM_SHUTDOWN);
	cr_expect(holder->checked_out);
	cr_expect_eq(count, 0);
	/* whoever closes it would have it removed */
	cr_expect_eq(checkin(holder->entry), 0);
	wait_for(1);
	cr_expect_eq(order[0], 1);
}

Test(holder, admits_what_its_screen_and_address_say)
{
	coi_pair_t *pair = coi_pair_create("lab", "lab");
	host_t *peer = host_create_from_string("192.0.2.2", 4570);
	host_t *port = host_create_from_string("192.0.2.2", 4571);
	host_t *other = host_create_from_string("192.0.2.3", 4570);
	coi_screen_t *screen = NULL;
	coi_header_t header;

	coi_pair_open(pair);
	cr_assert(coi_pair_deliver(pair));
	/* i <-- r  Sess1 */
	cr_assert_eq(coi_header_decode(pair->wire->datagram, &header), COI_OK);
	cr_expect_eq(coi_checkout_admits(holder, COI_EV_SESS1, &header, peer, &screen),
				 COI_STATE, "nothing was sent yet");
	coi_checkout_show(holder, coi_screen_create(pair->i.session),
					  other->clone(other));
	cr_expect_eq(coi_checkout_admits(holder, COI_EV_SESS1, &header, other,
									 &screen), COI_ADDRESS);
	cr_expect_eq(coi_checkout_admits(holder, COI_EV_SESS1, &header, port, &screen),
				 COI_ADDRESS);
	cr_expect_eq(coi_checkout_admits(holder, COI_EV_TERM, &header, peer,
									 &screen),
				 COI_STATE);
	cr_expect_eq(coi_checkout_admits(holder, COI_EV_SESS2, &header, peer, &screen),
				 COI_UNKNOWN_SESSION);
	cr_expect_null(screen);
	cr_assert_eq(coi_checkout_admits(holder, COI_EV_SESS1, &header, peer, &screen),
				 COI_OK);
	cr_expect_eq(coi_screen_verify(screen, COI_EV_SESS1, &header,
								   pair->wire->datagram), COI_OK);
	pair->wire->datagram.ptr[COI_HEADER_LEN] ^= 1;
	cr_expect_eq(coi_screen_verify(screen, COI_EV_SESS1, &header,
								   pair->wire->datagram), COI_TAG);
	pair->wire->datagram.ptr[COI_HEADER_LEN] ^= 1;
	coi_screen_destroy(screen);
	/* it is open now: a TERM may come from anywhere, an IDLE from its own place */
	coi_pair_run(pair);
	coi_checkout_show(holder, coi_screen_create(pair->i.session),
					  other->clone(other));
	header.spi_r = coi_session_spi_r(pair->i.session);
	cr_assert_eq(coi_checkout_admits(holder, COI_EV_TERM, &header, port,
									 &screen),
				 COI_OK);
	coi_screen_destroy(screen);
	cr_expect_eq(coi_checkout_admits(holder, COI_EV_IDLE, &header, peer,
									 &screen),
				 COI_ADDRESS);
	cr_assert_eq(coi_checkout_admits(holder, COI_EV_IDLE, &header, other, &screen),
				 COI_OK);
	coi_screen_destroy(screen);
	header.spi_r ^= 1;
	cr_expect_eq(coi_checkout_admits(holder, COI_EV_TERM, &header, port,
									 &screen),
				 COI_UNKNOWN_SESSION);
	peer->destroy(peer);
	port->destroy(port);
	other->destroy(other);
	coi_pair_destroy(pair);
}
