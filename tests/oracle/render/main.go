// Reads {"helpers": text, "values": [yaml], "pairs": [[left, right]]} on stdin; renders both sides of each pair with each
// values by Helm's engine, and writes for each pair true when all objects are equal, else what differs.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"sort"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/releaseutil"
	"sigs.k8s.io/yaml"
)

type input struct {
	Helpers string      `json:"helpers"`
	Values  []string    `json:"values"`
	Pairs   [][2]string `json:"pairs"`
}

// The objects of one rendering, in order; an error is an answer as well.
func objects(helpers, template string, values map[string]interface{}) string {
	c := &chart.Chart{
		Metadata: &chart.Metadata{APIVersion: "v2", Name: "kelp", Version: "1.0.0", AppVersion: "1"},
		Templates: []*chart.File{
			{Name: "templates/_helpers.tpl", Data: []byte(helpers)},
			{Name: "templates/x.yaml", Data: []byte(template)},
		},
	}
	top, err := chartutil.ToRenderValues(c, values, chartutil.ReleaseOptions{Name: "r", Namespace: "n"}, nil)
	if err != nil {
		return "values"
	}
	out, err := engine.Render(c, top)
	if err != nil {
		return "error"
	}
	manifests := releaseutil.SplitManifests(out["kelp/templates/x.yaml"])
	keys := make([]string, 0, len(manifests))
	for key := range manifests {
		keys = append(keys, key)
	}
	sort.Sort(releaseutil.BySplitManifestsOrder(keys))
	all := ""
	for _, key := range keys {
		text, err := yaml.YAMLToJSON([]byte(manifests[key]))
		if err != nil {
			return "error"
		}
		if string(text) != "null" {
			all += string(text) + "\n"
		}
	}
	return all
}

func main() {
	var in input
	if err := json.NewDecoder(os.Stdin).Decode(&in); err != nil {
		panic(err)
	}
	var sets []map[string]interface{}
	for _, text := range in.Values {
		set := map[string]interface{}{}
		if err := yaml.Unmarshal([]byte(text), &set); err != nil {
			panic(err)
		}
		sets = append(sets, set)
	}
	answers := make([]string, 0, len(in.Pairs))
	for _, pair := range in.Pairs {
		answer := ""
		for i, set := range sets {
			left, right := objects(in.Helpers, pair[0], set), objects(in.Helpers, pair[1], set)
			if left != right {
				answer = fmt.Sprintf("values %d:\n%s\n--- against ---\n%s", i, left, right)
				break
			}
		}
		answers = append(answers, answer)
	}
	json.NewEncoder(os.Stdout).Encode(answers)
}
