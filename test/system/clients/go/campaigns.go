package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "coupond/e2e/gen/couponv1"
	"coupond/e2e/gen/couponv1/couponv1connect"
)

type client = couponv1connect.CouponServiceClient

const coupons = 40

// How far away the start may be when it is tried again.
const longestStartsIn = 30 * time.Second

var names = 0

func newCampaign(c client, f form, total int32, startsIn time.Duration) (*pb.Campaign, error) {
	names++
	answer, err := c.CreateCampaign(context.Background(), connect.NewRequest(&pb.CreateCampaignRequest{
		Name:         fmt.Sprintf("%s %d", f.name, names),
		TotalCoupons: total,
		StartTime:    timestamppb.New(time.Now().Add(startsIn)),
	}))
	if connect.CodeOf(err) == connect.CodeInvalidArgument && startsIn < longestStartsIn {
		// On a busy machine the start may have passed before the server sees it.
		return newCampaign(c, f, total, min(10*startsIn, longestStartsIn))
	}
	if err != nil {
		return nil, err
	}
	return answer.Msg.Campaign, nil
}

// issue waits for the start if necessary.
func issue(c client, campaignID string) (*pb.IssueCouponResponse, error) {
	for {
		answer, err := c.IssueCoupon(context.Background(),
			connect.NewRequest(&pb.IssueCouponRequest{CampaignId: campaignID}))
		if err != nil {
			return nil, err
		}
		if answer.Msg.GetRefusal() != pb.Refusal_REFUSAL_NOT_STARTED {
			return answer.Msg, nil
		}
		time.Sleep(time.Duration(answer.Msg.GetWaitMs()) * time.Millisecond)
	}
}

func campaign(c client, f form) error {
	ctx := context.Background()
	created, err := newCampaign(c, f, coupons, 100*time.Millisecond)
	if err != nil {
		return err
	}
	codes := []string{}
	for range coupons {
		answer, err := issue(c, created.Id)
		if err != nil {
			return err
		}
		codes = append(codes, answer.GetCoupon().GetCode())
	}
	if answer, err := issue(c, created.Id); err != nil || answer.GetRefusal() != pb.Refusal_REFUSAL_SOLD_OUT {
		return fmt.Errorf("one coupon too many: %v, %v", answer, err)
	}
	got, err := c.GetCampaign(ctx, connect.NewRequest(&pb.GetCampaignRequest{CampaignId: created.Id}))
	if err != nil {
		return err
	}
	if got.Msg.Campaign.IssuedCoupons != coupons {
		return fmt.Errorf("%d coupons are issued", got.Msg.Campaign.IssuedCoupons)
	}
	if err := sameCodes(codes, got.Msg.Coupons); err != nil {
		return fmt.Errorf("GetCampaign: %w", err)
	}
	listed, err := c.ListCoupons(ctx, connect.NewRequest(&pb.ListCouponsRequest{CampaignId: created.Id}))
	if err != nil {
		return err
	}
	if err := sameCodes(codes, listed.Msg.Coupons); err != nil {
		return fmt.Errorf("ListCoupons: %w", err)
	}
	deleted, err := c.DeleteCampaign(ctx, connect.NewRequest(&pb.DeleteCampaignRequest{CampaignId: created.Id}))
	if err != nil {
		return err
	}
	if !deleted.Msg.Success {
		return errors.New(deleted.Msg.Message)
	}
	left, err := c.ListCampaigns(ctx, connect.NewRequest(&pb.ListCampaignsRequest{PageSize: 1000}))
	if err != nil {
		return err
	}
	for _, other := range left.Msg.Campaigns {
		if other.Id == created.Id {
			return errors.New("a deleted campaign is listed")
		}
	}
	return nil
}

func sameCodes(codes []string, coupons []*pb.Coupon) error {
	if len(codes) != len(coupons) {
		return fmt.Errorf("%d coupons instead of %d", len(coupons), len(codes))
	}
	for i, coupon := range coupons {
		if coupon.Code != codes[i] {
			return fmt.Errorf("coupon %d is %s instead of %s", i, coupon.Code, codes[i])
		}
	}
	return nil
}

func errorDetails(c client, f form) error {
	first, err := newCampaign(c, f, 1, time.Minute)
	if err != nil {
		return err
	}
	_, err = c.CreateCampaign(context.Background(), connect.NewRequest(&pb.CreateCampaignRequest{
		Name: first.Name, TotalCoupons: 1, StartTime: first.StartTime}))
	if connect.CodeOf(err) != connect.CodeAlreadyExists {
		return fmt.Errorf("the error is %v", err)
	}
	var failure *connect.Error
	if !errors.As(err, &failure) || len(failure.Details()) == 0 {
		return fmt.Errorf("no detail in %v", err)
	}
	value, err := failure.Details()[0].Value()
	if err != nil {
		return err
	}
	detail, isRefusal := value.(*pb.RefusalDetail)
	if !isRefusal || detail.Refusal != pb.Refusal_REFUSAL_NAME_TAKEN || detail.GetSequence() == 0 {
		return fmt.Errorf("the detail is %v", value)
	}
	return nil
}

func useGet(url string) error {
	f := form{name: "get"}
	c, wire := newClient(url, connect.WithHTTPGet())
	created, err := newCampaign(c, f, 1, time.Minute)
	if err != nil {
		return err
	}
	wire.exchanges = nil
	got, err := c.GetCampaign(context.Background(),
		connect.NewRequest(&pb.GetCampaignRequest{CampaignId: created.Id}))
	if err != nil {
		return err
	}
	if got.Msg.Campaign.Name != created.Name || wire.exchanges[0].method != http.MethodGet {
		return fmt.Errorf("%v by %+v", got.Msg, wire.exchanges[0])
	}
	return nil
}
