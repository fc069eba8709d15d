package main

import (
	"context"
	"fmt"
	"time"

	"connectrpc.com/connect"

	pb "coupond/e2e/gen/couponv1"
)

type stream = connect.ServerStreamForClient[pb.WatchCampaignResponse]

func watch(ctx context.Context, c client, campaignID string) (*stream, error) {
	return c.WatchCampaign(ctx, connect.NewRequest(&pb.WatchCampaignRequest{CampaignId: campaignID}))
}

// watchNew creates a campaign of two coupons, watches it, and reads the first message.
func watchNew(ctx context.Context, c client, f form, startsIn time.Duration) (*stream, string, error) {
	created, err := newCampaign(c, f, 2, startsIn)
	if err != nil {
		return nil, "", err
	}
	s, err := watch(ctx, c, created.Id)
	if err != nil {
		return nil, "", err
	}
	if err := next(s, pb.WatchState_WATCH_STATE_LIVE, 0); err != nil {
		s.Close()
		return nil, "", err
	}
	return s, created.Id, nil
}

// next fails unless the next message has this state and count.
func next(s *stream, state pb.WatchState, issued int32) error {
	if !s.Receive() {
		return fmt.Errorf("the stream ended before %v: %v", state, s.Err())
	}
	if s.Msg().State != state || s.Msg().Campaign.IssuedCoupons != issued {
		return fmt.Errorf("%v instead of %v with %d issued", s.Msg(), state, issued)
	}
	return nil
}

// end fails unless the stream ends without an error.
func end(s *stream) error {
	if s.Receive() || s.Err() != nil {
		return fmt.Errorf("no clean end: %v, %v", s.Msg(), s.Err())
	}
	return nil
}

func sellOut(c client, f form) error {
	s, campaign, err := watchNew(context.Background(), c, f, 300*time.Millisecond)
	if err != nil {
		return err
	}
	defer s.Close()
	if s.Msg().Campaign.State == pb.CampaignState_CAMPAIGN_STATE_SCHEDULED {
		if err := next(s, pb.WatchState_WATCH_STATE_LIVE, 0); err != nil {
			return err
		}
		if state := s.Msg().Campaign.State; state != pb.CampaignState_CAMPAIGN_STATE_OPEN {
			return fmt.Errorf("%v at the start", state)
		}
	}
	for issued, state := range []pb.WatchState{
		pb.WatchState_WATCH_STATE_LIVE, pb.WatchState_WATCH_STATE_SOLD_OUT} {
		if _, err := issue(c, campaign); err != nil {
			return err
		}
		if err := next(s, state, int32(issued)+1); err != nil {
			return err
		}
	}
	return end(s)
}

func remove(c client, f form) error {
	s, campaign, err := watchNew(context.Background(), c, f, time.Minute)
	if err != nil {
		return err
	}
	defer s.Close()
	if _, err := c.DeleteCampaign(context.Background(),
		connect.NewRequest(&pb.DeleteCampaignRequest{CampaignId: campaign})); err != nil {
		return err
	}
	if err := next(s, pb.WatchState_WATCH_STATE_DELETED, 0); err != nil {
		return err
	}
	return end(s)
}

func giveUp(c client, f form) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s, campaign, err := watchNew(ctx, c, f, time.Minute)
	if err != nil {
		return err
	}
	defer s.Close()
	cancel()
	if s.Receive() || connect.CodeOf(s.Err()) != connect.CodeCanceled {
		return fmt.Errorf("the stream did not end: %v, %v", s.Msg(), s.Err())
	}
	// The server still serves others.
	_, err = c.DeleteCampaign(context.Background(),
		connect.NewRequest(&pb.DeleteCampaignRequest{CampaignId: campaign}))
	return err
}

func deadline(c client, f form) error {
	created, err := newCampaign(c, f, 2, time.Minute)
	if err != nil {
		return err
	}
	for limit := 200 * time.Millisecond; limit < time.Minute; limit *= 10 {
		// On a busy machine it may pass before the first message.
		if err = endsAfter(limit, c, created.Id); err == nil {
			return nil
		}
	}
	return err
}

// endsAfter fails unless a stream with this time limit has a message, and then ends because of it.
func endsAfter(limit time.Duration, c client, campaign string) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	s, err := watch(ctx, c, campaign)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := next(s, pb.WatchState_WATCH_STATE_LIVE, 0); err != nil {
		return err
	}
	if s.Receive() || connect.CodeOf(s.Err()) != connect.CodeDeadlineExceeded {
		return fmt.Errorf("%v, %v instead of deadline_exceeded", s.Msg(), s.Err())
	}
	return nil
}
