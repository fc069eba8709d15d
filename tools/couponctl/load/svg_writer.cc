#include "couponctl/load/svg_writer.h"

#include <fmt/format.h>

#include <array>
#include <iterator>

#include "base/display_text.h"

namespace coupond::ctl {
namespace {

std::string Escaped(std::string_view text) {
  std::string escaped;
  // What XML does not allow at all, such as control characters, is replaced first.
  for (const char c : Printable(text)) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

}  // namespace

SvgWriter::SvgWriter(Point size, std::string_view title, std::string_view style)
    : document_(fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{0}\" "
                            "height=\"{1}\" viewBox=\"0 0 {0} {1}\">\n"
                            "<title>{2}</title>\n<style>{3}</style>\n",
                            size.x, size.y, Escaped(title), style)) {}

void SvgWriter::AddRectangle(Point corner, Point size, std::string_view name) {
  document_ += fmt::format(
      "<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"/>\n",
      Escaped(name), corner.x, corner.y, size.x, size.y);
}

void SvgWriter::AddLine(std::span<const Point> points, std::string_view name) {
  if (points.empty()) return;
  document_ += fmt::format("<path class=\"{}\" d=\"", Escaped(name));
  char step = 'M';
  for (const Point& point : points) {
    fmt::format_to(std::back_inserter(document_), "{}{:.1f} {:.1f}", step, point.x, point.y);
    step = 'L';
  }
  if (points.size() == 1) document_ += "h0";
  document_ += "\"/>\n";
}

void SvgWriter::AddLine(Point from, Point to, std::string_view name) {
  AddLine(std::array{from, to}, name);
}

void SvgWriter::AddText(Point at, Anchor anchor, std::string_view text, std::string_view name) {
  constexpr std::array kAnchors = {"start", "middle", "end"};
  document_ += fmt::format(
      "<text class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n", Escaped(name),
      at.x, at.y, kAnchors[static_cast<std::size_t>(anchor)], Escaped(text));
}

}  // namespace coupond::ctl
