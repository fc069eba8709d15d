#include "couponctl/load/svg_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace coupond::ctl {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(SvgWriter, WritesADocumentOfItsShapes) {
  SvgWriter svg({200, 100}, "a drawing", ".line { stroke: red; }\n");
  svg.AddRectangle({1, 2}, {3, 4}, "frame");
  svg.AddLine(std::vector<SvgWriter::Point>{{1, 2}, {3.25, 4}}, "line");
  svg.AddText({5, 6}, SvgWriter::Anchor::kEnd, "ten", "label");
  EXPECT_EQ(svg.Document(),
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"200\" height=\"100\" "
            "viewBox=\"0 0 200 100\">\n"
            "<title>a drawing</title>\n"
            "<style>.line { stroke: red; }\n</style>\n"
            "<rect class=\"frame\" x=\"1.0\" y=\"2.0\" width=\"3.0\" height=\"4.0\"/>\n"
            "<path class=\"line\" d=\"M1.0 2.0L3.2 4.0\"/>\n"
            "<text class=\"label\" x=\"5.0\" y=\"6.0\" text-anchor=\"end\">ten</text>\n"
            "</svg>\n");
}

TEST(SvgWriter, TextsCannotBecomeMarkup) {
  SvgWriter svg({1, 1}, "</title><script>", "");
  svg.AddText({}, SvgWriter::Anchor::kStart, "<script>\"&\x01", "label");
  EXPECT_THAT(svg.Document(), HasSubstr("<title>&lt;/title&gt;&lt;script&gt;</title>"));
  EXPECT_THAT(svg.Document(), HasSubstr("&lt;script&gt;&quot;&amp;?</text>"));
  EXPECT_THAT(svg.Document(), Not(HasSubstr("<script")));
}

TEST(SvgWriter, ALineOfOnePointIsADotAndOneOfNoneIsNothing) {
  SvgWriter svg({1, 1}, "", "");
  svg.AddLine(std::vector<SvgWriter::Point>{{1, 2}}, "dot");
  svg.AddLine(std::vector<SvgWriter::Point>{}, "none");
  EXPECT_THAT(svg.Document(), HasSubstr("d=\"M1.0 2.0h0\""));
  EXPECT_THAT(svg.Document(), Not(HasSubstr("none")));
}

}  // namespace
}  // namespace coupond::ctl
